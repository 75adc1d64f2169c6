"""Rewrites one file: imports, dotted strings, and what is clear in tests; reports everything that is not clear.

The name a program knows LiteLLM by stays, so that only imports change and everything below them means the layer. What
the layer lacks is left as it was and reported. A second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, cast

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from llmclient.compat.litellm import _arguments
from llmclient.compat.migration.findings import Finding, Rewritten
from llmclient.compat.migration.mocks import MockedCalls
from llmclient.compat.migration.names import LITELLM, has_name, has_path, instead_of, is_litellms, layer_name, module_of
from llmclient.compat.migration.native import NativeCalls
from llmclient.compat.migration.places import code_of, dotted, line_of
from llmclient.compat.migration.scripts import ScriptedTests

Target: TypeAlias = Literal["compat", "native"]

BY_STRING = frozenset({"patch", "setattr", "delattr", "import_module", "importorskip", "object", "multiple", "dict"})
"""Functions whose first argument may be a dotted name, by the last part of their own."""

_CALLS = frozenset({"completion", "acompletion", "embedding", "aembedding"})


def rewrite(source: str, target: Target = "compat") -> Rewritten:
    """Return a file's source, migrated.

    Args:
        source: Python source.
        target: "compat" leads every name to the layer; "native" also turns calls whose meaning is the same into calls
            of `ModelRouter`.

    Raises:
        SyntaxError: it cannot be parsed.
    """
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise SyntaxError(str(error)) from error
    if LITELLM not in source:
        return Rewritten(source)
    findings: list[Finding] = []
    if target == "native":
        calls = NativeCalls()
        module = MetadataWrapper(module).visit(calls)
        findings.extend(calls.findings)
    tests = ScriptedTests()
    module = MetadataWrapper(module).visit(tests)
    findings.extend(tests.findings)
    mocks = MockedCalls()
    module = MetadataWrapper(module).visit(mocks)
    findings.extend(mocks.findings)
    imports = _Imports()
    module = MetadataWrapper(module).visit(imports)
    findings.extend(imports.findings)
    return Rewritten(module.code, sorted(set(findings)))


class _Imports(cst.CSTTransformer):
    """Imports, dotted strings, and attributes of the module."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self._bound: set[str] = set()

    def visit_Module(self, node: cst.Module) -> None:
        """Note the names that the file knows LiteLLM by, before anything else is read."""
        self._bound = _names_of_the_module(node)

    # --- imports ---

    def visit_ImportAlias(self, node: cst.ImportAlias) -> bool:
        """What an import names is judged by the import."""
        del node
        return False

    def leave_Import(
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement]:
        """`import litellm`, `import litellm.utils as u`, among others."""
        kept: list[cst.ImportAlias] = []
        made: list[cst.BaseSmallStatement] = []
        for alias in updated_node.names:
            name = dotted(alias.name)
            if not is_litellms(name):
                kept.append(alias)
            elif module_of(name) is None:
                kept.append(alias)
                self._look(original_node, f"the layer has no module {name!r}; {_hint(name)}")
            else:
                made.extend(_imported(name, alias.asname))
                self._changed(original_node, f"import {name}")
        if not made:
            return updated_node
        if kept:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            made.insert(0, updated_node.with_changes(names=kept, semicolon=cst.MaybeSentinel.DEFAULT))
        return cst.FlattenSentinel(made)

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.BaseSmallStatement | cst.FlattenSentinel[cst.BaseSmallStatement]:
        """`from litellm.types.utils import Choices`, and the same with a star."""
        if (
            updated_node.relative
            or updated_node.module is None
            or not is_litellms(module := dotted(updated_node.module))
        ):
            return updated_node
        if module_of(module) is None:
            self._look(original_node, f"the layer has no module {module!r}; {_hint(module)}")
            return updated_node
        path = cast("cst.Name | cst.Attribute", expression(layer_name(module)))
        if isinstance(updated_node.names, cst.ImportStar):
            self._changed(original_node, f"from {module} import *")
            self._look(original_node, f"a star import of {module}: the layer has fewer names; import those you use")
            return updated_node.with_changes(module=path)
        known = [alias for alias in updated_node.names if has_name(module, dotted(alias.name))]
        unknown = [alias for alias in updated_node.names if alias not in known]
        for alias in unknown:
            name = dotted(alias.name)
            self._look(original_node, f"the layer has no {module}.{name}; {_hint(name)}")
        if not known:
            return updated_node
        self._changed(original_node, f"from {module} import {', '.join(dotted(alias.name) for alias in known)}")
        if not unknown:
            return updated_node.with_changes(module=path)
        return cst.FlattenSentinel(
            [_from(updated_node, path, known), _from(updated_node, updated_node.module, unknown)]
        )

    # --- strings ---

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Dotted names in strings, and arguments that the layer refuses."""
        self._check_arguments(original_node)
        function = dotted(updated_node.func).rpartition(".")[2]
        if not updated_node.args:
            return updated_node
        first = updated_node.args[0].value
        if isinstance(first, cst.FormattedString) and "litellm" in code_of(first):
            self._look(original_node, f"a dotted name that is put together, {code_of(first)}: change it by hand")
        if not isinstance(first, cst.SimpleString) or not is_litellms(path := str(first.evaluated_value)):
            return updated_node
        if function == "__import__":
            self._look(original_node, "__import__('litellm'): import the layer by an import statement")
            return updated_node
        if function not in BY_STRING:
            return updated_node
        if not has_path(path):
            self._look(original_node, f"the layer has no {path}; {_hint(path.rpartition('.')[2])}")
            return updated_node
        self._changed(original_node, f"{function}({path!r})")
        if function in {"patch", "setattr"} and path.rpartition(".")[2] in _CALLS:
            self._look(original_node, f"a mock of {path}: a script says more, llm.on(model).reply(text)")
        quoted = cst.SimpleString(f"{first.prefix}{first.quote}{layer_name(path)}{first.quote}")
        return updated_node.with_changes(args=[updated_node.args[0].with_changes(value=quoted), *updated_node.args[1:]])

    def _check_arguments(self, node: cst.Call) -> None:
        function = dotted(node.func)
        if function.rpartition(".")[2] not in _CALLS:
            return
        for argument in node.args:
            name = argument.keyword.value if argument.keyword is not None else ""
            if name in _arguments.REFUSED:
                self._look(node, f"{function}({name}=): use {_arguments.REFUSED[name]}")

    # --- what is left ---

    def visit_Attribute(self, node: cst.Attribute) -> None:
        """`litellm.something` that the layer has not."""
        if isinstance(node.value, cst.Name) and node.value.value in self._bound:
            name = node.attr.value
            if not has_name(LITELLM, name):
                self._look(node, f"the layer has no litellm.{name}; {_hint(name)}")

    def visit_Subscript(self, node: cst.Subscript) -> None:
        """`sys.modules["litellm"]`."""
        if dotted(node.value) == "sys.modules" and "litellm" in code_of(node):
            self._look(node, f"{code_of(node)}: use llmclient.compat.litellm.install() and uninstall()")

    def _changed(self, node: cst.CSTNode, text: str) -> None:
        self.findings.append(Finding(self._line(node), "changed", text))

    def _look(self, node: cst.CSTNode, text: str) -> None:
        self.findings.append(Finding(self._line(node), "look", text))

    def _line(self, node: cst.CSTNode) -> int:
        return line_of(self, node)


def _names_of_the_module(module: cst.Module) -> set[str]:
    found: set[str] = set()

    class Names(cst.CSTVisitor):
        def visit_ImportAlias(self, node: cst.ImportAlias) -> None:
            name = dotted(node.name)
            if is_litellms(name) and (node.asname is None or name == LITELLM):
                found.add(dotted(node.asname.name) if node.asname is not None else LITELLM)

    module.visit(Names())
    return found


def _imported(name: str, alias: cst.AsName | None) -> Sequence[cst.BaseSmallStatement]:
    if alias is not None and name != LITELLM:
        imported = cst.ImportAlias(name=cast("cst.Attribute", expression(layer_name(name))), asname=alias)
        return [cst.Import(names=[imported])]
    top = cst.ImportFrom(
        module=cast("cst.Attribute", expression("llmclient.compat")),
        names=[cst.ImportAlias(name=cst.Name(LITELLM), asname=alias)],
    )
    if name == LITELLM:
        return [top]
    below = cst.Import(names=[cst.ImportAlias(name=cast("cst.Attribute", expression(layer_name(name))))])
    return [below, top]


def _from(node: cst.ImportFrom, module: cst.BaseExpression, names: Sequence[cst.ImportAlias]) -> cst.ImportFrom:
    last = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return node.with_changes(module=module, names=[*names[:-1], last], semicolon=cst.MaybeSentinel.DEFAULT)


def _hint(name: str) -> str:
    instead = instead_of(name.rpartition(".")[2])
    return f"use {instead}" if instead else "see docs/leaving-litellm.md"


def expression(text: str) -> cst.BaseExpression:
    """A text as an expression."""
    return cst.parse_expression(text)
