"""What was asked, in order, and what came of it. Every door writes here; tests read it as `llm.calls`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from llmclient.testing.call import Call, Door, matches_model
from llmclient.testing.faults.base import Fault
from llmclient.testing.reply import Reply


@dataclass(slots=True, kw_only=True, eq=False)
class RecordedCall:
    """One call as it went.

    Attributes:
        call: what was asked.
        number: from 1, over all doors.
        started: seconds since the epoch, on the virtual clock.
        ended: the same, None while it is going on.
        test: node id of the test that ran, empty outside pytest.
        reply: what was answered, None where a fault came in its place.
        fault: what went wrong by script: in place of a reply, or within it.
        error: what the door raised, None where it raised nothing: at the provider door the provider's error; at the
            others, beneath the provider, what broke the connection. A `NoTurnError` at every door.
        sleeps_before: how many sleeps the clock had seen when it was asked.
        tokens: prompt and completion tokens; (0, 0) where no reply was given.
    """

    call: Call
    number: int
    started: float
    ended: float | None = None
    test: str = ""
    reply: Reply | None = None
    fault: Fault | None = None
    error: BaseException | None = None
    sleeps_before: int = 0
    tokens: tuple[int, int] = (0, 0)

    @property
    def model(self) -> str:
        """Its full name, "provider/model"."""
        return self.call.name

    @property
    def provider(self) -> str:
        """Who was asked."""
        return self.call.provider

    @property
    def messages(self) -> Sequence[Mapping[str, object]]:
        """The conversation, in OpenAI's shape."""
        return self.call.messages

    @property
    def params(self) -> Mapping[str, object]:
        """OpenAI's parameters."""
        return self.call.params

    @property
    def body(self) -> Mapping[str, object]:
        """The request as it stood on the wire, parsed; at the provider door as it would have been sent."""
        return self.call.body

    @property
    def text(self) -> str:
        """The last user message's text."""
        return self.call.text

    @property
    def system(self) -> str:
        """The system text."""
        return self.call.system

    @property
    def tools(self) -> list[str]:
        """Names of the tools that were offered."""
        return self.call.tool_names

    @property
    def stream(self) -> bool:
        """Whether a stream was asked for."""
        return self.call.stream

    @property
    def door(self) -> Door:
        """Where it came in."""
        return self.call.door

    def __repr__(self) -> str:
        missed = "nothing" if self.error is None else "no turn"
        came = f"fault {self.fault}" if self.fault is not None else "a reply" if self.reply is not None else missed
        return f"<call {self.number}: {self.call.brief()} -> {came}>"


class Calls(Sequence[RecordedCall]):
    """The calls so far: a list with filters."""

    def __init__(self, entries: Sequence[RecordedCall] = ()) -> None:
        self._entries = list(entries)

    @overload
    def __getitem__(self, index: int) -> RecordedCall: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> RecordedCall | Calls:
        return Calls(self._entries[index]) if isinstance(index, slice) else self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[RecordedCall]:
        return iter(self._entries)

    def __repr__(self) -> str:
        return f"<{len(self)} calls: {', '.join(self.models)}>"

    @property
    def last(self) -> RecordedCall:
        """The latest call.

        Raises:
            AssertionError: there was none.
        """
        if not self._entries:
            raise AssertionError("no call was made")
        return self._entries[-1]

    @property
    def models(self) -> list[str]:
        """The full name, "provider/model", of each."""
        return [entry.model for entry in self._entries]

    @property
    def texts(self) -> list[str]:
        """The last user message's text of each."""
        return [entry.text for entry in self._entries]

    @property
    def messages(self) -> list[Sequence[Mapping[str, object]]]:
        """The conversation of each."""
        return [entry.messages for entry in self._entries]

    def where(self, *, model: str | None = None, test: str | None = None) -> Calls:
        """Those of a model (`fnmatch` pattern, as in `llm.on`) and of a test (its node id contains the text)."""
        kept = [
            entry
            for entry in self._entries
            if (model is None or matches_model(model, entry.call)) and (test is None or test in entry.test)
        ]
        return Calls(kept)

    def record(self, entry: RecordedCall) -> None:
        """Append an entry; for doors."""
        self._entries.append(entry)
