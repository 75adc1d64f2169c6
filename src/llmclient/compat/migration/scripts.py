"""`mock_response="text"` in a test becomes a line of script for the plugin's `llm` fixture.

Only where the meaning is clear: a test function, a call of `completion` or `acompletion`, a literal text.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

import libcst as cst
from libcst.metadata import PositionProvider

from llmclient.compat.migration.findings import Finding
from llmclient.compat.migration.places import line_of
from llmclient.compat.migration.testcode import scripted

if TYPE_CHECKING:
    from libcst.metadata import ProviderT

_CALLS = frozenset({"completion", "acompletion"})


class ScriptedTests(cst.CSTTransformer):
    """Takes `mock_response=` out of tests and writes what it said into the script."""

    METADATA_DEPENDENCIES: ClassVar[Collection[ProviderT]] = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self._tests: list[bool] = []
        self._said: list[str] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Remember whether this is a test."""
        self._tests.append(node.name.value.startswith("test"))

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        """Ask for the fixture and write the script at the top of the test."""
        del original_node
        is_test = self._tests.pop()
        if not is_test or any(self._tests) or not self._said:
            return updated_node
        lines = [f"llm.on().reply({text})" for text in self._said]
        self._said.clear()
        return scripted(updated_node, lines)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Take the argument out."""
        function = original_node.func
        name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
        if name not in _CALLS or not (self._tests and self._tests[0]):
            return updated_node
        for position, argument in enumerate(updated_node.args):
            named = argument.keyword is not None and argument.keyword.value == "mock_response"
            if named and isinstance(argument.value, cst.SimpleString):
                self._said.append(argument.value.value)
                line = line_of(self, original_node)
                text = f"mock_response= of {name} is a script now: llm.on().reply({argument.value.value})"
                self.findings.append(Finding(line, "changed", text))
                left = [*updated_node.args[:position], *updated_node.args[position + 1 :]]
                if left and position == len(left):
                    left[-1] = left[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
                return updated_node.with_changes(args=left)
        return updated_node
