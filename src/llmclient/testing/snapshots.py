"""Snapshots of what models were asked and what they answered: a readable YAML file for each assertion, through syrupy.

    assert reply == llm_snapshot          # a response of ours or of an SDK, a message, plain data
    assert llm.calls == llm_snapshot      # everything the test asked, with what it got

What differs from run to run is normalised: ids, times, keys, costs. A response shows only what is set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from llmclient._secrets import mask
from llmclient.errors import MissingDependencyError
from llmclient.testing.harness import Harness
from llmclient.testing.journal import Calls, RecordedCall

try:
    from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
except ModuleNotFoundError as _error:
    raise MissingDependencyError("syrupy", "testing") from _error

if TYPE_CHECKING:
    import pytest
    from syrupy.assertion import SnapshotAssertion
    from syrupy.types import PropertyFilter, PropertyMatcher, SerializableData, SerializedData

    LLMSnapshot: TypeAlias = SnapshotAssertion

NORMALISED: Mapping[str, str] = {
    "id": "<id>",
    "tool_call_id": "<id>",
    "request_id": "<id>",
    "tool_use_id": "<id>",
    "system_fingerprint": "<id>",
    "signature": "<signature>",
    "encrypted_content": "<signature>",
    "created": "<time>",
    "created_at": "<time>",
    "completed_at": "<time>",
    "started": "<time>",
    "cost": "<cost>",
    "cost_details": "<cost>",
    "api_key": "<key>",
    "authorization": "<key>",
    "x-api-key": "<key>",
    "obfuscation": "<id>",
}
"""What stands for the values of these keys."""

_IDS = re.compile(r"\b(?:chatcmpl-|call_|toolu_|msg_|req_|gen-|resp_|rs_|fc_|audio_)[A-Za-z0-9_-]{6,}")


class LLMSnapshotExtension(SingleFileSnapshotExtension):
    """One YAML file for each assertion, in `__snapshots__/<module>/`."""

    _write_mode = WriteMode.TEXT
    file_extension = "yaml"

    def serialize(
        self,
        data: SerializableData,
        *,
        exclude: PropertyFilter | None = None,  # noqa: ARG002 - syrupy's signature
        include: PropertyFilter | None = None,  # noqa: ARG002 - syrupy's signature
        matcher: PropertyMatcher | None = None,  # noqa: ARG002 - syrupy's signature
    ) -> SerializedData:
        """The YAML of anything that a test compares."""
        return to_yaml(normalise(plain(data)))


def snapshot_for(request: pytest.FixtureRequest) -> LLMSnapshot:
    """Syrupy's `snapshot` of this test, with our extension."""
    snapshot = cast("LLMSnapshot", request.getfixturevalue("snapshot"))
    return snapshot.use_extension(LLMSnapshotExtension)


def plain(value: object) -> object:
    """Plain data of anything: our responses, an SDK's, dataclasses, the journal."""
    known = next((made(value) for kind, made in _PLAIN if isinstance(value, kind)), None)
    if known is not None or value is None:
        return known
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return plain(_with_attempts(value, cast("dict[str, object]", dump(mode="json", exclude_none=True))))
    if isinstance(value, Iterable):
        return [plain(item) for item in cast("Iterable[object]", value)]
    return repr(value)


def _with_attempts(value: object, dumped: dict[str, object]) -> dict[str, object]:
    """A response of ours, with the tries that led to it where there was more than one."""
    attempts = cast("Sequence[object]", getattr(value, "attempts", ()) or ())
    if len(attempts) > 1:
        dumped["attempts"] = [_attempt(attempt) for attempt in attempts]
    return dumped


def _attempt(attempt: object) -> dict[str, object]:
    failure: object = getattr(attempt, "error", None)
    return {
        "model": getattr(attempt, "model", ""),
        "outcome": getattr(attempt, "outcome", ""),
        "error": None if failure is None else type(failure).__name__,
        "waited": getattr(attempt, "waited", 0.0),
    }


def _call(call: RecordedCall) -> dict[str, object]:
    shown: dict[str, object] = {"model": call.model, "messages": plain(call.messages)}
    if call.params:
        shown["params"] = plain(call.params)
    if call.stream:
        shown["stream"] = True
    reply = call.reply
    if reply is not None:
        answered: dict[str, object] = {"text": reply.text} if reply.text is not None else {}
        if reply.tool_calls:
            answered["tool_calls"] = [
                {"name": tool.name, "arguments": _parsed(tool.arguments)} for tool in reply.tool_calls
            ]
        answered["finish_reason"] = reply.finish
        shown["reply"] = answered
    if call.fault is not None:
        shown["fault"] = str(call.fault)
    return shown


def _fields(value: object) -> object:
    return {str(key): plain(item) for key, item in cast("Mapping[object, object]", value).items()}


_PLAIN: tuple[tuple[type | tuple[type, ...], Callable[[object], object]], ...] = (
    (Harness, lambda value: plain(cast("Harness", value).calls)),
    (Calls, lambda value: [_call(call) for call in cast("Calls", value)]),
    (RecordedCall, lambda value: _call(cast("RecordedCall", value))),
    (BaseException, lambda value: {"error": type(value).__name__, "message": str(value)}),
    (Mapping, _fields),
    ((str, int, float), lambda value: value),
)
"""How known kinds of values become plain data, the first that fits."""


def _parsed(arguments: str) -> object:
    try:
        parsed: object = json.loads(arguments)
    except ValueError:
        return arguments
    return parsed


def normalise(value: object, key: str = "") -> object:
    """The same data, without what differs from run to run."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {name: normalise(item, name) for name, item in fields.items() if item is not None}
    if isinstance(value, list):
        return [normalise(item, key) for item in cast("list[object]", value)]
    if key.lower() in NORMALISED:
        return NORMALISED[key.lower()]
    return _IDS.sub("<id>", mask(value)) if isinstance(value, str) else value


def to_yaml(value: object) -> str:
    """YAML for people: keys in order, texts of several lines as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Ours alone, so that its way to write texts stays here."""

    def text(dumper: yaml.SafeDumper, written: str) -> yaml.ScalarNode:
        style = "|" if "\n" in written else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", written, style=style)  # pyright: ignore[reportUnknownMemberType] - the stubs leave the value untyped

    Dumper.add_representer(str, text)
    return str(yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100))  # pyright: ignore[reportUnknownMemberType] - nor the width
