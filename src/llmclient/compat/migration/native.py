"""Calls of LiteLLM's whose meaning is the same in the native API, turned into calls of a router.

A call is turned where it names a model and messages and nothing but parameters of the model. A file that catches
LiteLLM's exceptions is left to the layer: the native errors are other classes.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor
from libcst.metadata import PositionProvider

from llmclient.compat.litellm import _arguments
from llmclient.compat.migration.findings import Finding
from llmclient.compat.migration.places import line_of

if TYPE_CHECKING:
    from libcst.metadata import ProviderT

ROUTERS = {"acompletion": "ModelRouter", "completion": "SyncModelRouter"}
_STEERING = (_arguments.STEERING | _arguments.IGNORED | _arguments.PRICES | _arguments.REFUSED.keys()) - {
    "model",
    "messages",
}


class NativeCalls(cst.CSTTransformer):
    """Turns `litellm.acompletion(model=m, messages=x, …)` into `ModelRouter(m).complete(x, …)`."""

    METADATA_DEPENDENCIES: ClassVar[Collection[ProviderT]] = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self._catches = False
        self._needed: set[str] = set()

    def visit_Module(self, node: cst.Module) -> None:
        """See whether the file catches LiteLLM's exceptions."""
        code = node.code
        self._catches = "except" in code and ("litellm.exceptions" in code or "except litellm." in code)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Turn a call."""
        function = original_node.func
        if not isinstance(function, cst.Attribute) or not isinstance(function.value, cst.Name):
            return updated_node
        router = ROUTERS.get(function.attr.value) if function.value.value == "litellm" else None
        if router is None:
            return updated_node
        line = line_of(self, original_node)
        given = {argument.keyword.value: argument for argument in updated_node.args if argument.keyword is not None}
        why = self._why_not(updated_node, given)
        if why:
            self.findings.append(Finding(line, "look", f"litellm.{function.attr.value} stays with the layer: {why}"))
            return updated_node
        self._needed.add(router)
        text = f"litellm.{function.attr.value}(…) is {router}(…).complete(…); make one router and keep it"
        self.findings.append(Finding(line, "changed", text))
        made = cst.Call(func=cst.Name(router), args=[cst.Arg(given["model"].value)])
        rest = [argument for name, argument in given.items() if name not in {"model", "messages"}]
        complete = cst.Attribute(value=made, attr=cst.Name("complete"))
        return updated_node.with_changes(func=complete, args=[cst.Arg(given["messages"].value), *rest])

    def _why_not(self, node: cst.Call, given: dict[str, cst.Arg]) -> str:
        if self._catches:
            return "this file catches LiteLLM's exceptions"
        if len(given) != len(node.args) or "model" not in given or "messages" not in given:
            return "its arguments are not all named"
        steering = sorted(given.keys() & _STEERING)
        return f"{', '.join(steering)} is set on a router" if steering else ""

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        """Import what was written."""
        del original_node
        context = CodemodContext()
        for name in sorted(self._needed):
            AddImportsVisitor.add_needed_import(context, "llmclient", name)
        return AddImportsVisitor(context).transform_module(updated_node) if self._needed else updated_node
