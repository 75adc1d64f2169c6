"""The heart that all doors share: script, journal, clock, ids. `llm` in a test is one of these.

For doors the contract is two methods, `answer` and `answer_async`; see `answer.py`. Neither sleeps, and neither knows
which door asks. A `NoTurnError` leaves them after the journal has the call with it: a door lets it through untouched.
"""

from __future__ import annotations

import threading

from llmclient.testing.answer import Answer, split
from llmclient.testing.call import Call
from llmclient.testing.clock import VirtualClock
from llmclient.testing.journal import Calls, RecordedCall
from llmclient.testing.reply import RateLimits
from llmclient.testing.turns import NoTurnError, Outcome, Script


class Harness:
    """A script, the calls it answered, and the time they took.

    Args:
        script: what is played. Default: an empty one.
        clock: the time that routers and replies take. Default: a new `VirtualClock`.
        seed: of every id and everything drawn. Default "0".
        test: node id of the test, for the journal.
    """

    def __init__(
        self, script: Script | None = None, *, clock: VirtualClock | None = None, seed: str = "0", test: str = ""
    ) -> None:
        self.script: Script = script or Script()
        self.clock: VirtualClock = clock or VirtualClock()
        self.seed = seed
        self.test = test
        self.calls: Calls = Calls()
        self._lock = threading.Lock()

    def answer(self, call: Call) -> Answer:
        """What `call` gets; the journal has it from here on.

        Raises:
            NoTurnError: the script has nothing for it.
        """
        record = self._record(call)
        try:
            return self._answer(record, self.interfere(call) or self.script.answer(call))
        except NoTurnError as error:
            self._no_turn(record, error)
            raise

    async def answer_async(self, call: Call) -> Answer:
        """As `answer`, where the script may hold async functions."""
        record = self._record(call)
        try:
            return self._answer(record, self.interfere(call) or await self.script.answer_async(call))
        except NoTurnError as error:
            self._no_turn(record, error)
            raise

    def interfere(self, call: Call) -> Outcome | None:  # noqa: ARG002 - for subclasses
        """What comes before the script is asked: None, or a fault that leaves its turns unused."""
        return None

    def temper(self, call: Call, outcome: Outcome) -> Outcome:  # noqa: ARG002 - for subclasses
        """What becomes of the script's outcome; as it is."""
        return outcome

    def limits(self, call: Call) -> RateLimits | None:  # noqa: ARG002 - for subclasses
        """The scripted quota as it stands for this call, None where there is none."""
        return None

    def _record(self, call: Call) -> RecordedCall:
        with self._lock:
            record = RecordedCall(
                call=call,
                number=len(self.calls) + 1,
                started=self.clock.now(),
                test=self.test,
                sleeps_before=self.clock.slept,
            )
            self.calls.record(record)
            return record

    def _answer(self, record: RecordedCall, outcome: Outcome) -> Answer:
        call = record.call
        reply, fault = split(self.temper(call, outcome))
        record.reply = reply
        record.fault = fault if reply is None else reply.fault
        return Answer(
            call=call,
            reply=reply,
            fault=fault,
            clock=self.clock,
            created=int(record.started),
            seed=f"{self.seed}:{record.number}",
            record=record,
            limits=self.limits(call),
        )

    def _no_turn(self, record: RecordedCall, error: NoTurnError) -> None:
        record.error = error
        record.ended = self.clock.now()
