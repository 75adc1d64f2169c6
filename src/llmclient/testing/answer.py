"""What a door gets for a call, and how it reports back.

    answer = harness.answer(call)               # or `await harness.answer_async(call)`
    if answer.fault: …                          # a StatusFault, ConnectionFault or BodyFault to be played
    else: … answer.reply …                      # plain: say all of it; stream: `plan(answer.reply)`, sleeping each
                                                # piece's `delay` on `answer.clock` before it is sent
    answer.finish()                             # once, when nothing more is sent; `finish(error)` where it broke off

`reply.fault` is a `StreamFault` or None. Ids come from `answer.token`, times from `answer.created`, tokens from
`answer.usage`; a door takes none of these from elsewhere, so that they are the same in every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from llmclient.protocols import Clock
from llmclient.testing.call import Call, text_of
from llmclient.testing.faults.base import Fault, StreamFault
from llmclient.testing.ids import token
from llmclient.testing.journal import RecordedCall
from llmclient.testing.reply import RateLimits, Reply

CHARACTERS_PER_TOKEN = 4
"""What a token is counted as, where a script does not say (OpenAI help centre, "What are tokens")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one call gets.

    Attributes:
        call: what was asked.
        reply: what is answered; None where a fault comes in its place.
        fault: what comes in place of a reply; None where there is one. Never a `StreamFault`: that is in `reply.fault`.
        clock: on which delays are slept.
        created: seconds since the epoch, whole, on that clock: `created` of OpenAI's objects.
        limits: the scripted quota as it stands, None where there is none: no rate-limit headers then.
        seed: of everything that looks random about this answer.
        record: the journal's entry.
    """

    call: Call
    reply: Reply | None
    fault: Fault | None
    clock: Clock
    created: int
    seed: str
    record: RecordedCall
    limits: RateLimits | None = None
    _usage: dict[str, object] = field(default_factory=dict[str, object], repr=False)

    def token(self, label: str, length: int = 24) -> str:
        """Letters and digits that are the same in every run, for ids: `"chatcmpl-" + answer.token("id", 29)`.

        Args:
            label: what it is for; the same label gives the same letters: "id", "request", "tool0", "signature0".
            length: how many, at most 80.
        """
        return token(self.seed, label, length)

    @property
    def usage(self) -> dict[str, object]:
        """OpenAI's usage object: what the reply says, the rest counted at four characters a token."""
        return dict(self._counted())

    def _counted(self) -> Mapping[str, object]:
        if self._usage:
            return self._usage
        reply = self.reply or Reply()
        given: Mapping[str, object] = reply.usage or {}
        prompt = _count(given.get("prompt_tokens"), _prompt_characters(self.call))
        completion = _count(given.get("completion_tokens"), _reply_characters(reply))
        counted = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        self._usage.update(counted, **given)
        return self._usage

    def finish(self, error: BaseException | None = None) -> None:
        """Tell the journal that nothing more is sent, and what broke it off, if anything did."""
        record = self.record
        record.ended = self.clock.now()
        if self.reply is not None:
            used = self._counted()
            record.tokens = _count(used["prompt_tokens"], 0), _count(used["completion_tokens"], 0)
        if error is not None:
            record.error = error


def _count(given: object, characters: int) -> int:
    return given if isinstance(given, int) else -(-characters // CHARACTERS_PER_TOKEN)


def _prompt_characters(call: Call) -> int:
    if not call.messages:
        return len(call.text)
    return sum(len(text_of(message.get("content"))) for message in call.messages)


def _reply_characters(reply: Reply) -> int:
    return (
        len(reply.text or "")
        + len(reply.refusal or "")
        + sum(len(block.text) for block in reply.reasoning)
        + sum(len(call.name) + len(call.arguments) for call in reply.tool_calls)
    )


def split(outcome: Reply | Fault) -> tuple[Reply | None, Fault | None]:
    """`(reply, fault)` of which one is None."""
    if isinstance(outcome, StreamFault):
        raise TypeError(f"{outcome} damages a reply, it does not stand alone")
    return (outcome, None) if isinstance(outcome, Reply) else (None, outcome)
