"""How a script is written in Python: `llm.on("openai/*").when(contains="weather").reply("…")`.

Every method that says what happens adds a turn and returns the builder, so that turns of the same conditions follow
one another: `.reply("first").then("second")`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Self, TypedDict, Unpack, cast

from llmclient.testing.call import Call
from llmclient.testing.faults.base import Fault, StreamFault
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply, ScriptedToolCall, reasoning_blocks
from llmclient.testing.turns import ALWAYS, Action, Script, Turn

_PACKAGE = str(Path(__file__).parent)


class ReplyParams(TypedDict, total=False):
    """What a reply may have besides its text; the fields of `Reply`, as people write them.

    `reasoning` is a text, a `Reasoning`, or several; `parsed` a pydantic object, a dataclass or plain data, whose JSON
    becomes the text; `image` PNG bytes or a URL; `size`, `tokens`, `first_token` and `per_second` say how a stream of
    it is cut (`Cut`); `fault` is a `StreamFault` that damages it.
    """

    tool_calls: Sequence[ScriptedToolCall]
    reasoning: str | Reasoning | Sequence[str | Reasoning]
    citations: Sequence[Citation]
    refusal: str
    parsed: object
    usage: Mapping[str, object]
    finish_reason: str
    cost: float
    logprobs: Mapping[str, object]
    embeddings: Sequence[Sequence[float]]
    dimension: int
    image: bytes | str
    images: Sequence[bytes | str]
    audio: bytes
    transcript: str
    model: str
    headers: Mapping[str, str]
    size: int
    tokens: bool
    first_token: float
    per_second: float
    fault: StreamFault


def make_reply(text: str | None = None, chunks: Sequence[str] | None = None, **params: Unpack[ReplyParams]) -> Reply:
    """A `Reply` from what people write.

    Args:
        text: the text. Default none.
        chunks: the text as the pieces of a stream; takes the place of `text`.
        **params: see `ReplyParams`.

    Raises:
        TypeError: a name that no reply has.
    """
    unknown = set(params) - set(ReplyParams.__annotations__)
    if unknown:
        from llmclient.testing.nearest import nearest

        name = min(unknown)
        raise TypeError(f"a reply has no {name!r}; nearest: {nearest(name, ReplyParams.__annotations__)!r}")
    if "parsed" in params and text is None:
        text = as_json(params["parsed"])
    images = tuple(params.get("images", ()))
    if "image" in params:
        images = (params["image"], *images)
    if chunks is not None:
        text = "".join(chunks)
    embeddings = params.get("embeddings")
    return Reply(
        text=text,
        tool_calls=tuple(params.get("tool_calls", ())),
        reasoning=reasoning_blocks(params.get("reasoning")),
        citations=tuple(params.get("citations", ())),
        refusal=params.get("refusal"),
        finish_reason=params.get("finish_reason"),
        usage=as_mapping(params.get("usage")),
        cost=params.get("cost"),
        logprobs=params.get("logprobs"),
        embeddings=None if embeddings is None else tuple(tuple(vector) for vector in embeddings),
        dimension=params.get("dimension"),
        images=images,
        audio=params.get("audio"),
        transcript=params.get("transcript"),
        model=params.get("model"),
        headers=params.get("headers", {}),
        cut=Cut(
            chunks=None if chunks is None else tuple(chunks),
            size=params.get("size"),
            tokens=params.get("tokens", False),
            first_token=params.get("first_token", 0.0),
            per_second=params.get("per_second"),
        ),
        fault=params.get("fault"),
    )


def as_json(value: object) -> str:
    """The JSON text of a pydantic object, a dataclass, or plain data."""
    dump = getattr(value, "model_dump_json", None)
    if callable(dump):
        return str(dump())
    import dataclasses

    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    return json.dumps(value)


def as_mapping(usage: object) -> Mapping[str, object] | None:
    """A usage given as a mapping, or as an object with `model_dump`."""
    if usage is None:
        return None
    if isinstance(usage, Mapping):
        return cast("Mapping[str, object]", usage)
    dump = getattr(usage, "model_dump", None)
    if not callable(dump):
        raise TypeError(f"usage is a mapping such as {{'prompt_tokens': 9}}, not {usage!r}")
    return cast("Mapping[str, object]", dump(exclude_none=True))


class TurnBuilder:
    """Writes turns for the calls that fit one pattern.

    Args:
        script: gets the turns.
        on: `fnmatch` pattern for "provider/model"; one without a slash is matched against the model alone.
    """

    def __init__(self, script: Script, on: str = "*") -> None:
        self._script = script
        self._on = on
        self._when = ALWAYS

    def when(
        self,
        *,
        contains: str | None = None,
        matches: str | re.Pattern[str] | None = None,
        system: str | None = None,
        has_tool: str | None = None,
        tool_result: bool | str | None = None,
        turn: int | None = None,
        where: Callable[[Call], bool] | None = None,
    ) -> Self:
        """Add conditions for the turns that follow; all must hold. See `When` for each.

        Args:
            contains: the last user message's text contains this.
            matches: this regular expression is found in it.
            system: the system text contains this.
            has_tool: a tool of this name is offered.
            tool_result: the conversation ends with a tool's result (True), does not (False), or ends with the result
                of this tool or one that contains this text.
            turn: the turn of the conversation, from 1.
            where: a function of the `Call` that says so.
        """
        given = {
            "contains": contains,
            "matches": matches,
            "system": system,
            "has_tool": has_tool,
            "tool_result": tool_result,
            "turn": turn,
            "where": where,
        }
        self._when = replace(self._when, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        return self

    def reply(
        self,
        text: str | Callable[[Call], object] | None = None,
        *,
        times: int | None = 1,
        optional: bool = False,
        **params: Unpack[ReplyParams],
    ) -> Self:
        """Answer with a reply.

        Args:
            text: the text; or a function of the `Call`, sync or async, that returns a text, a `Reply` or a fault.
            times: how often; None is without end. Default 1.
            optional: whether it may stay unused under `llm.strict`. Default False.
            **params: see `ReplyParams`.
        """
        if callable(text):
            return self._add(text, times, optional=optional)
        return self._add(make_reply(text, **params), times, optional=optional)

    def stream(
        self, chunks: Sequence[str], *, times: int | None = 1, optional: bool = False, **params: Unpack[ReplyParams]
    ) -> Self:
        """Answer with a text whose stream comes in these chunks; a plain call gets it whole.

        Args:
            chunks: the text, piece by piece.
            times: how often; None is without end. Default 1.
            optional: whether it may stay unused under `llm.strict`. Default False.
            **params: see `ReplyParams`.
        """
        return self._add(make_reply(chunks=chunks, **params), times, optional=optional)

    def fail(self, fault: Fault | type[Fault], *, times: int | None = 1, optional: bool = False) -> Self:
        """Fail.

        Args:
            fault: what goes wrong, such as `RateLimit(retry_after=2)`; a class stands for it with its defaults.
            times: how often; None is without end. Default 1.
            optional: whether it may stay unused under `llm.strict`. Default False.
        """
        made = fault() if isinstance(fault, type) else fault
        if not isinstance(made, Fault):  # pyright: ignore[reportUnnecessaryIsInstance] - tests need not be typed
            raise TypeError(
                f"fail() takes a fault of llmclient.testing, such as RateLimit(retry_after=2), not {fault!r}"
            )
        return self._add(made, times, optional=optional)

    def then(
        self,
        result: str | Reply | Fault | Callable[[Call], object],
        *,
        times: int | None = 1,
        **params: Unpack[ReplyParams],
    ) -> Self:
        """What comes next under the same conditions: a text, a `Reply`, a fault, or a function of the `Call`.

        Args:
            result: what happens.
            times: how often; None is without end. Default 1.
            **params: with a text, see `ReplyParams`.
        """
        if isinstance(result, str):
            return self.reply(result, times=times, **params)
        return self._add(result, times, optional=False)

    def _add(self, action: Action, times: int | None, *, optional: bool) -> Self:
        if times is not None and times < 1:
            raise ValueError(f"times={times!r}: give a number from 1, or None for without end")
        if isinstance(action, StreamFault):
            from llmclient.testing.turns import as_outcome

            action = as_outcome(action)
        self._script.add(
            Turn(action=action, on=self._on, when=self._when, times=times, source=_caller(), optional=optional)
        )
        return self


def _caller() -> str:
    """Where the line of the test stands that wrote the turn."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - `inspect.stack` takes milliseconds
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}" if frame is not None else ""
