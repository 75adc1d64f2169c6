"""A test that asks for the plugin's `llm` fixture and begins with lines of script."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst


def scripted(test: cst.FunctionDef, lines: Sequence[str]) -> cst.FunctionDef:
    """Return a test that asks for the fixture `llm` and begins with these lines of script."""
    body = test.body
    if not isinstance(body, cst.IndentedBlock):
        return test
    names = {param.name.value for param in test.params.params}
    asked = [] if "llm" in names else [cst.Param(cst.Name("llm"))]
    params = test.params.with_changes(params=[*test.params.params, *asked])
    after = 1 if test.get_docstring() is not None else 0
    statements = [*body.body[:after], *map(cst.parse_statement, lines), *body.body[after:]]
    return test.with_changes(params=params, body=body.with_changes(body=statements))
