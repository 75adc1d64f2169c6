"""A request as a script sees it: parsed, in OpenAI's shape, whichever door it came through.

A door fills the fields; everything a condition, a journal or a reply asks is a property over them. A call never
changes, so that the journal can keep it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from llmclient.protocols import Capability

Door: TypeAlias = Literal["provider", "transport", "server"]
"""Where a call came in: at a provider override, at a transport beneath an SDK, or at a server."""


_NOTHING: Mapping[str, object] = MappingProxyType({})


def _nothing() -> Mapping[str, object]:
    return _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request.

    Attributes:
        provider: who is asked, by its registered name, such as "anthropic"; a door that reads bytes takes the dialect.
        model: the model as the provider names it, without the provider's prefix.
        capability: what is asked for.
        messages: the conversation in OpenAI's shape. An Anthropic `system` stands in front as a system message, its
            `tool_use` blocks are `tool_calls`, its `tool_result` blocks are tool messages, thinking blocks stand
            under `thinking_blocks`. Empty for what is no chat.
        params: OpenAI's parameters, `tools`, `tool_choice` and `response_format` among them, in OpenAI's shape. For
            what is no chat, the whole request: `input` of an embedding or of speech, `prompt` of an image.
        stream: whether the answer is asked for as a stream.
        door: where it came in.
        headers: the request's headers, names in lower case, where the door has them.
        body: the request as it stood on the wire, parsed; at the provider door what the provider would have sent, empty
            where it is one from outside.
    """

    provider: str
    model: str
    capability: Capability = Capability.CHAT
    messages: Sequence[Mapping[str, object]] = ()
    params: Mapping[str, object] = field(default_factory=_nothing)
    stream: bool = False
    door: Door = "provider"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Mapping[str, object] = field(default_factory=_nothing)

    @property
    def name(self) -> str:
        """What a turn's pattern is matched against: "provider/model"."""
        return f"{self.provider}/{self.model}"

    @property
    def text(self) -> str:
        """The last user message's text; for what is no chat, its input or prompt."""
        if self.capability is not Capability.CHAT and not self.messages:
            return _plain(self.params.get("input", self.params.get("prompt")))
        for message in reversed(self.messages):
            if message.get("role") == "user":
                return text_of(message.get("content"))
        return ""

    @property
    def system(self) -> str:
        """Text of all system and developer messages, joined by newlines."""
        return "\n".join(text_of(m.get("content")) for m in self.messages if m.get("role") in ("system", "developer"))

    @property
    def turn(self) -> int:
        """Which turn of the conversation is asked for, from 1: one more than the assistant messages so far."""
        return 1 + sum(1 for message in self.messages if message.get("role") == "assistant")

    @property
    def tools(self) -> list[Mapping[str, object]]:
        """The function definitions that are offered (`name`, `description`, `parameters`)."""
        offered = self.params.get("tools")
        if not isinstance(offered, Sequence) or isinstance(offered, str):
            return []
        tools = cast("Sequence[object]", offered)
        return [_definition(cast("Mapping[str, object]", tool)) for tool in tools if isinstance(tool, Mapping)]

    @property
    def tool_names(self) -> list[str]:
        """Names of the tools that are offered."""
        return [str(tool.get("name", "")) for tool in self.tools]

    @property
    def tool_results(self) -> list[tuple[str, str]]:
        """`(tool name, text)` of the results that the conversation ends with; empty where it ends otherwise."""
        names = _call_names(self.messages)
        results: list[tuple[str, str]] = []
        for message in reversed(self.messages):
            if message.get("role") != "tool":
                break
            name = message.get("name") or names.get(str(message.get("tool_call_id", "")), "")
            results.append((str(name), text_of(message.get("content"))))
        return results[::-1]

    @property
    def json_schema(self) -> Mapping[str, object] | None:
        """The schema that `response_format` asks for, None where it asks for none."""
        wanted = self.params.get("response_format")
        make = getattr(wanted, "model_json_schema", None)
        if callable(make):
            return cast("Mapping[str, object]", make())
        if not isinstance(wanted, Mapping):
            return None
        outer = cast("Mapping[str, object]", wanted).get("json_schema")
        if not isinstance(outer, Mapping):
            return None
        schema = cast("Mapping[str, object]", outer).get("schema")
        return cast("Mapping[str, object]", schema) if isinstance(schema, Mapping) else None

    def brief(self, limit: int = 60) -> str:
        """The call in one line, for messages to people."""
        text = self.text
        shown = text if len(text) <= limit else f"{text[: limit - 1]}…"
        facts = [self.name, f"turn {self.turn}", f"user {shown!r}"]
        if self.tool_names:
            facts.append(f"tools {', '.join(self.tool_names)}")
        if self.tool_results:
            facts.append(f"after results of {', '.join(name or '?' for name, _ in self.tool_results)}")
        if self.stream:
            facts.append("streamed")
        return ", ".join(facts)


def matches_model(pattern: str, call: Call) -> bool:
    """Whether an `fnmatch` pattern fits: against "provider/model", one without a slash against the model alone."""
    return pattern == "*" or fnmatchcase(call.name if "/" in pattern else call.model, pattern)


def text_of(content: object) -> str:
    """The text of a message's content: a string, or the text parts of a list, joined."""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        return ""
    parts = cast("Sequence[object]", content)
    return "".join(
        str(cast("Mapping[str, object]", part).get("text") or "") for part in parts if isinstance(part, Mapping)
    )


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return "\n".join(str(item) for item in cast("Sequence[object]", value))
    return ""


def _definition(tool: Mapping[str, object]) -> Mapping[str, object]:
    function = tool.get("function")
    return cast("Mapping[str, object]", function) if isinstance(function, Mapping) else tool


def _call_names(messages: Sequence[Mapping[str, object]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for message in messages:
        calls = message.get("tool_calls")
        if not isinstance(calls, Sequence):
            continue
        for call in cast("Sequence[object]", calls):
            if isinstance(call, Mapping):
                entry = cast("Mapping[str, object]", call)
                names[str(entry.get("id", ""))] = str(_definition(entry).get("name", ""))
    return names
