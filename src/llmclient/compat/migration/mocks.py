"""Mocks of `litellm.completion` and `litellm.acompletion` become lines of script for the plugin's `llm` fixture.

Only where the meaning is clear: a test function; a mock that nobody looks at afterwards; answers that are a literal
text, and errors of LiteLLM's that have a fault. Everything else is left, and reported where the names are rewritten.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor
from libcst.metadata import PositionProvider

from llmclient.compat.litellm._names import resolve
from llmclient.compat.migration.findings import Finding
from llmclient.compat.migration.places import code_of, dotted, line_of
from llmclient.compat.migration.testcode import scripted
from llmclient.errors import UnknownProviderError

if TYPE_CHECKING:
    from libcst.metadata import ProviderT

MOCKED = frozenset({"litellm.completion", "litellm.acompletion", "litellm.main.completion", "litellm.main.acompletion"})

_FAULTS: Mapping[str, str] = {
    "AuthenticationError": "Auth",
    "PermissionDeniedError": "Permission",
    "NotFoundError": "NotFound",
    "BadRequestError": "BadRequest",
    "ContextWindowExceededError": "ContextWindow",
    "ContentPolicyViolationError": "ContentPolicy",
    "RateLimitError": "RateLimit",
    "Timeout": "ReadTimeout",
    "InternalServerError": "ServerFailure",
    "BadGatewayError": "BadGateway",
    "APIConnectionError": "ConnectionRefused",
}
"""LiteLLM's errors, and the faults of `llmclient.testing` that give them."""

_MOCKS = frozenset({"Mock", "MagicMock", "AsyncMock"})


class Scripted:
    """Lines of script for one mock, and the faults that they name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.faults: set[str] = set()

    def answer(self, value: cst.BaseExpression, times: str = "") -> bool:
        """Add the line for one outcome; False where it is not clear what it means."""
        text = _text_of(value)
        if text is not None:
            self.lines.append(f"llm.on().reply({text}{times})")
            return True
        fault = _fault_of(value)
        if fault is not None:
            self.lines.append(f"llm.on().fail({fault}(){times})")
            self.faults.add(fault)
        return fault is not None


def script_of(arguments: Sequence[cst.Arg]) -> Scripted | None:
    """Read what a mock does: from `return_value=` and `side_effect=`, its own or those of a mock that is handed in.

    Args:
        arguments: those of `patch` or of `setattr`, after the names.

    Returns:
        None where it is not clear.
    """
    said: dict[str, cst.BaseExpression] = {}
    for argument in arguments:
        name = argument.keyword.value if argument.keyword is not None else "new"
        if name == "new_callable" and dotted(argument.value).rpartition(".")[2] in _MOCKS:
            continue
        said[name] = argument.value
    new = said.pop("new", None)
    if isinstance(new, cst.Call):
        if said or dotted(new.func).rpartition(".")[2] not in _MOCKS:
            return None
        said = {argument.keyword.value if argument.keyword else "": argument.value for argument in new.args}
    elif new is not None:
        return None
    made = Scripted()
    (name, value), *more = said.items() or [("", None)]
    if more or value is None:
        return None
    if name == "side_effect" and isinstance(value, cst.List):
        clear = bool(value.elements) and all(made.answer(element.value) for element in value.elements)
    else:
        outcome = _fault_of(value) if name == "side_effect" else _text_of(value) if name == "return_value" else None
        clear = outcome is not None and made.answer(value, ", times=None")
    return made if clear else None


def _text_of(value: cst.BaseExpression) -> str | None:
    """The text of `ModelResponse(choices=[Choices(message=Message(content="text"))])`, as source."""
    for class_name, argument in (("ModelResponse", "choices"), ("Choices", "message"), ("Message", "content")):
        if not isinstance(value, cst.Call) or dotted(value.func).rpartition(".")[2] != class_name:
            return None
        given = {found.keyword.value: found.value for found in value.args if found.keyword is not None}
        if len(given) != len(value.args) or not given.keys() <= {argument, *_DECORATION}:
            return None
        ended = given.get("finish_reason")
        if ended is not None and code_of(ended)[1:-1] != "stop":
            return None
        inner = given.get(argument)
        if isinstance(inner, cst.List) and len(inner.elements) == 1:
            inner = inner.elements[0].value
        if inner is None:
            return None
        value = inner
    return value.value if isinstance(value, cst.SimpleString) else None


_DECORATION = frozenset({"id", "created", "model", "object", "role", "index", "finish_reason"})
"""Arguments of hand-built responses that say nothing a script would not say."""


def _fault_of(value: cst.BaseExpression) -> str | None:
    function = value.func if isinstance(value, cst.Call) else value
    path, _, name = dotted(function).rpartition(".")
    return _FAULTS.get(name) if not path or path.startswith("litellm") else None


class MockedCalls(cst.CSTTransformer):
    """Takes the mocks out of tests and writes what they said into the script."""

    METADATA_DEPENDENCIES: ClassVar[Collection[ProviderT]] = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self.faults: set[str] = set()
        self._tests: list[bool] = []
        self._lines: list[str] = []
        self._clear = True

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Remember whether this is a test, and whether a script can answer for the models that it names."""
        self._tests.append(node.name.value.startswith("test"))
        if len(self._tests) == 1:
            self._clear = all(map(_is_known, _models_in(node)))

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        """Ask for the fixture and write the script at the top of the test."""
        del original_node
        is_test = self._tests.pop()
        if not is_test or any(self._tests) or not self._lines:
            return updated_node
        lines, self._lines = self._lines, []
        return scripted(updated_node, lines)

    def leave_Decorator(
        self, original_node: cst.Decorator, updated_node: cst.Decorator
    ) -> cst.Decorator | cst.RemovalSentinel:
        """`@patch("litellm.acompletion", AsyncMock(…))`; one that brings no mock hands one to the test, and stays."""
        call = updated_node.decorator
        brings = isinstance(call, cst.Call) and any(
            argument.keyword is None or argument.keyword.value == "new" for argument in call.args[1:]
        )
        return cst.RemoveFromParent() if brings and self._take(call, original_node) else updated_node

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        """Import the faults that were written."""
        del original_node
        context = CodemodContext()
        for name in sorted(self.faults):
            AddImportsVisitor.add_needed_import(context, "llmclient.testing", name)
        return AddImportsVisitor(context).transform_module(updated_node) if self.faults else updated_node

    def leave_With(
        self, original_node: cst.With, updated_node: cst.With
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """`with patch("litellm.acompletion", AsyncMock(return_value=…)):`, alone or among others."""
        kept = [
            item for item in updated_node.items if item.asname is not None or not self._take(item.item, original_node)
        ]
        if len(kept) == len(updated_node.items):
            return updated_node
        if kept:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            return updated_node.with_changes(items=kept)
        body = updated_node.body
        if isinstance(body, cst.IndentedBlock):
            first = body.body[0]
            if isinstance(first, cst.SimpleStatementLine):
                first = first.with_changes(leading_lines=[*updated_node.leading_lines, *first.leading_lines])
            return cst.FlattenSentinel([first, *body.body[1:]])
        return cst.SimpleStatementLine(body=body.body) if isinstance(body, cst.SimpleStatementSuite) else updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        """`monkeypatch.setattr(litellm, "acompletion", AsyncMock(return_value=…))`."""
        statement = updated_node.body[0]
        alone = len(updated_node.body) == 1 and isinstance(statement, cst.Expr)
        if alone and isinstance(statement, cst.Expr) and self._take(statement.value, original_node):
            return cst.RemoveFromParent()
        return updated_node

    def _take(self, call: cst.BaseExpression, place: cst.CSTNode) -> bool:
        if not isinstance(call, cst.Call) or self._tests != [True] or not self._clear:
            return False
        mocked, arguments = _mocked(call)
        made = script_of(arguments) if mocked in MOCKED else None
        if made is None:
            return False
        self._lines.extend(made.lines)
        self.faults |= made.faults
        text = f"a mock of {mocked} is a script now: {'; '.join(made.lines)}"
        self.findings.append(Finding(line_of(self, place), "changed", text))
        return True


def _mocked(call: cst.Call) -> tuple[str, Sequence[cst.Arg]]:
    """What is mocked, and the arguments that say by what."""
    function = dotted(call.func)
    if not call.args or function.rpartition(".")[2] not in {"patch", "object", "setattr"}:
        return "", ()
    first, *rest = call.args
    if isinstance(first.value, cst.SimpleString):
        return (str(first.value.evaluated_value), rest) if not function.endswith("object") else ("", ())
    if rest and isinstance(rest[0].value, cst.SimpleString):
        return f"{dotted(first.value)}.{rest[0].value.raw_value}", rest[1:]
    return "", ()


def _models_in(test: cst.FunctionDef) -> set[str]:
    found: set[str] = set()

    class Models(cst.CSTVisitor):
        def visit_Arg(self, node: cst.Arg) -> None:
            named = node.keyword is not None and node.keyword.value == "model"
            if named and isinstance(node.value, cst.SimpleString):
                found.add(str(node.value.evaluated_value))

        def visit_Call(self, node: cst.Call) -> bool:
            # The model of a hand-built response or error is asked of nobody.
            return dotted(node.func).rpartition(".")[2] not in {"ModelResponse", *_FAULTS}

    test.visit(Models())
    return found


def _is_known(model: str) -> bool:
    try:
        resolve(model)
    except UnknownProviderError:
        return False
    return True
