"""Generators around a call or around an attempt."""
