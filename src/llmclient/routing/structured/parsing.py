"""Asks until an answer fits: a generator of conversations, fed with answers, that both routers run.

Each answer that does not fit is put into the conversation together with what is wrong with it. A refusal, a truncated
answer and a call of the caller's own tools end the asking at once: the same question would bring the same.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from llmclient.errors import InvalidAnswerError, LLMClientError, RefusalError, TruncatedAnswerError
from llmclient.routing.structured.target import InvalidTextError, target_of
from llmclient.types.history import normalize_messages

if TYPE_CHECKING:
    from llmclient.types.messages import JSONObject, Messages
    from llmclient.types.policy import Attempt
    from llmclient.types.response import ModelResponse

T_co = TypeVar("T_co", covariant=True)

Asking: TypeAlias = "Generator[list[JSONObject], ModelResponse, Parsed[object]]"
"""Gives conversations to ask, takes the answers or the error in the place of one, returns the object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[T_co]):
    """An object made of an answer.

    Attributes:
        parsed: the object, valid.
        responses: every answer, oldest first; the last one is the object's.
    """

    parsed: T_co
    responses: tuple[ModelResponse, ...]

    @property
    def response(self) -> ModelResponse:
        """The answer that the object was made of."""
        return self.responses[-1]

    @property
    def text(self) -> str:
        """The JSON that the model wrote."""
        return self.response.text

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every try, of every answer, oldest first."""
        return tuple(attempt for response in self.responses for attempt in response.attempts)

    @property
    def cost(self) -> Decimal | None:
        """US dollars of all answers together, None where the price of one is not known."""
        costs = [response.cost for response in self.responses]
        return None if None in costs else sum((cost.total for cost in costs if cost is not None), Decimal(0))


def asking(messages: Messages, form: object, retries: int) -> Asking:
    """Ask for an object of a type.

    Raises:
        RefusalError: the model would not answer.
        TruncatedAnswerError: the answer was cut at its token limit.
        InvalidAnswerError: no answer fits.
        LLMClientError: an answer could not be had; its `attempts` begin with those of the answers before.
    """
    target = target_of(form)
    conversation: list[JSONObject] = normalize_messages(messages)
    responses: list[ModelResponse] = []
    while True:
        try:
            reply = yield conversation
        except LLMClientError as error:
            error.attempts = (*(attempt for earlier in responses for attempt in earlier.attempts), *error.attempts)
            raise
        responses.append(reply)
        refuse_unusable(responses)
        try:
            return Parsed(parsed=target.read(reply.text), responses=tuple(responses))
        except InvalidTextError as error:
            _refuse_calls(target.name, responses, error)
            if len(responses) > retries:
                raise InvalidAnswerError(target.name, error.problems, responses=responses) from error
            conversation = [*conversation, *_complaint(reply, error.problems)]


def refuse_unusable(responses: Sequence[ModelResponse]) -> None:
    """Raise where the last answer is a refusal, or was cut."""
    reply = responses[-1]
    refusal = reply.message.refusal
    if refusal or reply.finish_reason in ("content_filter", "refusal"):
        raise RefusalError(refusal or reply.text, responses=responses)
    if reply.finish_reason == "length":
        raise TruncatedAnswerError(responses=responses)


def _refuse_calls(name: str, responses: Sequence[ModelResponse], error: InvalidTextError) -> None:
    """Raise where the model called the caller's own tools: asking again would not run them."""
    calls = responses[-1].tool_calls
    if calls and not responses[-1].text:
        names = ", ".join(dict.fromkeys(call.name for call in calls))
        told = f"the model called {names} instead of answering; run what it called, and parse with the results"
        raise InvalidAnswerError(name, [told], responses=responses) from error


def _complaint(reply: ModelResponse, problems: Sequence[str]) -> list[JSONObject]:
    said = reply.text or "(nothing)"
    wrong = "\n".join(f"- {problem}" for problem in problems)
    asked = f"That answer is not valid:\n{wrong}\nAnswer again with the whole JSON, corrected, and nothing else."
    return [{"role": "assistant", "content": said}, {"role": "user", "content": asked}]


def wanted_format(form: object) -> JSONObject:
    """The parameter that asks for a type."""
    return target_of(form).response_format
