"""Which tests may reach providers: those marked live, and those that replay or record."""

from __future__ import annotations

import pytest

REPLAYING = ("vcr", "default_cassette")
"""Markers of pytest-recording; its fixture `vcr` is in every test and tells nothing."""


def is_live(item: pytest.Item) -> bool:
    """Whether the test asks real providers."""
    return item.get_closest_marker("llm_live") is not None


def is_unguarded(item: pytest.Item) -> bool:
    """Whether the guard lets the test through."""
    return is_live(item) or any(item.get_closest_marker(name) is not None for name in REPLAYING)
