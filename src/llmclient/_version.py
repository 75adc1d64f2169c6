"""The one place that holds the version; the build backend and the command line read it."""

__version__ = "0.1.0"
