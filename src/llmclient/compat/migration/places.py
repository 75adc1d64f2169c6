"""Where a piece of source stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from libcst.metadata import CodeRange, PositionProvider

if TYPE_CHECKING:
    import libcst as cst


def line_of(reader: cst.MetadataDependent, node: cst.CSTNode) -> int:
    """Return the line a node begins on, from 1; `reader` depends on positions."""
    place = reader.get_metadata(PositionProvider, node)
    assert isinstance(place, CodeRange)  # noqa: S101 - the provider gives nothing else
    return place.start.line
