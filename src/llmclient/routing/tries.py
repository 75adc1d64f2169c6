"""What both drivers say of a try, word for word the same: timeouts, outcomes, when a stream spoke, how two join."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from llmclient.errors import ProviderError, RequestTimeoutError
from llmclient.routing.policy.actions import Action, Failed, Outcome, Succeeded, Verdict

if TYPE_CHECKING:
    from llmclient.routing.policy.actions import Marker, Try
    from llmclient.routing.watch import Phase
    from llmclient.types.response import ModelResponse, Usage
    from llmclient.types.stream import StreamChunk

_SAYS: dict[Phase, str] = {
    "first_token": "no first token within {:.6g} s",
    "idle": "no data for {:.6g} s",
    "total": "no end of the answer within {:.6g} s",
}


def resume(steps: Generator[Action, Outcome, Verdict], outcome: Outcome | None) -> Action | Verdict:
    """Run the policy up to its next action, or its verdict."""
    try:
        return next(steps) if outcome is None else steps.send(outcome)
    except StopIteration as stop:
        verdict: Verdict = stop.value
        return verdict


def late(action: Try, phase: Phase) -> RequestTimeoutError:
    """Return the error of a try whose time was over."""
    limits = action.timeouts
    seconds = {"first_token": limits.first_token or limits.idle, "idle": limits.idle, "total": limits.total}[phase]
    error = RequestTimeoutError(
        _SAYS[phase].format(seconds or 0.0), provider=action.endpoint.provider_name, model=action.endpoint.model
    )
    error.phase = phase
    return error


def succeeded(attempt: int, reply: object) -> Succeeded:
    """Return the outcome of a try that gave `reply`, of whatever capability."""
    usage: Usage | None = getattr(reply, "usage", None)
    return Succeeded(
        attempt,
        usage=usage if hasattr(usage, "prompt_tokens") else None,
        request_id=getattr(reply, "request_id", None),
        model=getattr(reply, "model", ""),
        tier=getattr(reply, "service_tier", None),
    )


def failed(attempt: int, error: Exception, *, first_token: float | None = None) -> Failed:
    """Return the outcome of a try that came to `error` before anything of it reached the caller."""
    partial = error.partial if isinstance(error, ProviderError) else None
    return Failed(attempt, error, usage=partial.usage if partial is not None else None, first_token=first_token)


def broken(attempt: int, error: Exception, partial: ModelResponse, *, own_usage: Usage | None) -> Failed:
    """Return the outcome of a stream that came to `error` after its first content reached the caller."""
    return Failed(attempt, error, usage=own_usage, text=text_to_go_on_from(partial), partial=partial)


def speaks(chunk: StreamChunk) -> bool:
    """Whether a chunk carries anything a caller could have used; a bare role does not."""
    if not chunk.choices:
        return False
    choice = chunk.choices[0]
    delta = choice.delta
    return bool(
        delta.content
        or delta.reasoning_content
        or delta.tool_calls
        or delta.thinking_blocks
        or delta.reasoning_details
        or delta.refusal
        or delta.audio
        or delta.annotations
        or choice.finish_reason
        or len(chunk.choices) > 1
    )


def text_to_go_on_from(partial: ModelResponse) -> str | None:
    """Return the text of a broken answer; None where going on from it could repeat or lose something else."""
    if len(partial.choices) > 1 or partial.tool_calls or partial.message.refusal or partial.message.audio:
        return None
    return partial.text


def marker_chunk(marker: Marker, action: Try) -> StreamChunk:
    """Return the chunk that tells the caller how what follows relates to what came before."""
    from llmclient.types.stream import StreamChunk

    return StreamChunk(model=action.endpoint.model, provider=action.endpoint.provider_name, marker=marker)


def joined(before: ModelResponse | None, after: ModelResponse) -> ModelResponse:
    """Return the answer of which `after` is the rest; the identity and the ending are those of `after`."""
    if before is None or not before.choices:
        return after
    from llmclient.types.response import Choice

    whole = after.model_copy(deep=True)
    whole.choices = whole.choices or [Choice()]
    message, first = whole.choices[0].message, before.message
    message.content = (first.content or "") + (message.content or "")
    message.reasoning_content = (first.reasoning_content or "") + (message.reasoning_content or "") or None
    whole.usage = _added(before.usage, after.usage)
    return whole


def _added(before: Usage | None, after: Usage | None) -> Usage | None:
    if before is None or after is None:
        return after or before
    total = after.model_copy(deep=True)
    total.prompt_tokens += before.prompt_tokens
    total.completion_tokens += before.completion_tokens
    total.total_tokens += before.total_tokens
    return total
