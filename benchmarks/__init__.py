"""Measurements, each a script that prints what it saw, on which versions, with its spread. No test asserts time."""
