"""Loads nothing: the suite asks for the plugin where it tests with it."""
