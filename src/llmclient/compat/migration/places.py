"""Where a piece of source stands, and its text."""

from __future__ import annotations

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider


def line_of(reader: cst.MetadataDependent, node: cst.CSTNode) -> int:
    """Return the line a node begins on, from 1; `reader` depends on positions."""
    place = reader.get_metadata(PositionProvider, node)
    assert isinstance(place, CodeRange)  # noqa: S101 - the provider gives nothing else
    return place.start.line


def dotted(node: cst.CSTNode) -> str:
    """A dotted name as text; empty for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return ""


def code_of(node: cst.BaseExpression) -> str:
    """An expression as source."""
    return cst.Module(body=[]).code_for_node(node)
