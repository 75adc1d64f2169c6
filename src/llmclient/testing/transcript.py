"""A script written as a conversation.

    system: You are a weather service.
    user: What is the weather in Paris?
    assistant: -> weather(city="Paris")
    tool weather: 18 degrees
    assistant: It is 18 degrees in Paris.

Every run of assistant lines is a turn. It applies when the line before it is what the call ends with: the user's text
is the last user message, or the tool's result has come. Lines that begin with a space go on with the one above.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from llmclient.testing.reply import Reply, ScriptedToolCall
from llmclient.testing.turns import Turn, When

_LINE = re.compile(r"(?P<role>system|user|assistant|tool)(?:\s+(?P<name>[\w.-]+))?:\s?(?P<text>.*)")
_ARROW = "->"


class TranscriptError(ValueError):
    """A line of a transcript cannot be read; says which one."""

    def __init__(self, source: str, line: int, problem: str) -> None:
        self.line = line
        super().__init__(f"{source}:{line}: {problem}")


@dataclass(slots=True)
class _Line:
    number: int
    role: str
    name: str
    text: str


@dataclass(slots=True)
class _State:
    system: str | None = None
    user: str | None = None
    tool: str | None = None
    turn: int = 0
    texts: list[str] = field(default_factory=list[str])
    calls: list[ScriptedToolCall] = field(default_factory=list[ScriptedToolCall])
    begun: int = 0


def turns_of(text: str, *, source: str = "transcript", on: str = "*") -> list[Turn]:
    """The turns of a transcript.

    Args:
        text: the conversation.
        source: what errors call it.
        on: pattern for the models that take part.

    Raises:
        TranscriptError: a line is none of a conversation.
    """
    turns: list[Turn] = []
    state = _State()
    for line in _lines(text, source):
        if line.role == "assistant":
            _take(state, line, source)
            continue
        _close(state, turns, source, on)
        if line.role == "system":
            state.system = line.text
        elif line.role == "user":
            state.user, state.tool = line.text, None
        else:
            state.tool = line.name or line.text
    _close(state, turns, source, on)
    return turns


def _lines(text: str, source: str) -> Iterator[_Line]:
    current: _Line | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        if raw[0].isspace() and current is not None:
            current.text += f"\n{raw.strip()}"
            continue
        found = _LINE.fullmatch(raw.strip())
        if found is None:
            raise TranscriptError(
                source, number, f"a line begins with system:, user:, assistant: or tool:, not {raw!r}"
            )
        if current is not None:
            yield current
        current = _Line(number, found["role"], found["name"] or "", found["text"])
    if current is not None:
        yield current


def _take(state: _State, line: _Line, source: str) -> None:
    state.begun = state.begun or line.number
    if line.text.startswith(_ARROW):
        state.calls.append(_call(line.text.removeprefix(_ARROW).strip(), line.number, source))
    else:
        state.texts.append(line.text)


def _close(state: _State, turns: list[Turn], source: str, on: str) -> None:
    """End a run of assistant lines."""
    if not state.begun:
        return
    state.turn += 1
    when = When(
        contains=state.user or None,
        system=state.system,
        tool_result=state.tool if state.tool is not None else None,
        turn=state.turn,
    )
    reply = Reply(text="\n".join(state.texts) if state.texts else None, tool_calls=tuple(state.calls))
    turns.append(Turn(action=reply, on=on, when=when, source=f"{source}:{state.begun}"))
    state.texts, state.calls, state.begun = [], [], 0


def _call(text: str, line: int, source: str) -> ScriptedToolCall:
    """`weather(city="Paris")`, arguments by name, their values as Python writes them."""
    try:
        parsed = ast.parse(text, mode="eval").body
        if not isinstance(parsed, ast.Call) or parsed.args or not isinstance(parsed.func, ast.Name):
            raise ValueError("not a call")  # noqa: TRY301 - told below in the transcript's words
        arguments = {keyword.arg or "": ast.literal_eval(keyword.value) for keyword in parsed.keywords}
        return ScriptedToolCall(parsed.func.id, json.dumps(arguments))
    except (SyntaxError, ValueError) as error:
        raise TranscriptError(source, line, f'a tool call is written weather(city="Paris"), not {text!r}') from error
