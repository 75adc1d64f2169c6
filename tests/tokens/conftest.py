"""Tests of counting may ask for tiktoken's vocabularies."""

from __future__ import annotations

from support.vocabularies import vocabularies as vocabularies
