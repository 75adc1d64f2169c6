"""Answers requests that come as bytes: the script, spoken in the dialect of whoever is asked.

What no script has to say is answered here: the models there are, how many tokens a message has. A request that the
vendor would refuse is refused in its words before the script is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llmclient.protocols import Capability, Clock
from llmclient.testing.dialects import _endpoints, anthropic
from llmclient.testing.dialects.anthropic import AnthropicDialect
from llmclient.testing.dialects.base import Dialect, render, render_refusal
from llmclient.testing.dialects.errors import Family, family_of
from llmclient.testing.dialects.openai import OpenAIDialect
from llmclient.testing.dialects.openrouter import OpenRouterDialect
from llmclient.testing.dialects.requests import RefusedRequestError
from llmclient.testing.dialects.vendor import outside_dialect
from llmclient.testing.dialects.wire import WireAnswer, WireRequest, WireResponse, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmclient.testing.answer import Answer
    from llmclient.testing.call import Call, Door
    from llmclient.testing.harness import Harness

DIALECTS: Mapping[str, Dialect] = {
    "openai": OpenAIDialect(),
    "anthropic": AnthropicDialect(),
    "openrouter": OpenRouterDialect(),
}

MODELS: Mapping[Family, Sequence[str]] = {
    "openai": ("gpt-5", "gpt-5-mini", "gpt-5-nano", "text-embedding-3-small", "text-embedding-3-large", "gpt-image-1"),
    "anthropic": ("claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"),
    "openrouter": ("openai/gpt-5-mini", "anthropic/claude-haiku-4.5", "meta-llama/llama-4-scout"),
}
"""What the list of models shows, besides the models that the script names."""

_LISTS: Mapping[Family, Callable[[Sequence[str], str], bytes | None]] = {
    "openai": _endpoints.models_body,
    "anthropic": anthropic.models_body,
    "openrouter": _endpoints.models_body,
}


class WirePlayer:
    """Plays a harness's script over a wire.

    Args:
        harness: script, clock and journal.
        door: as which door its calls are journalled.
        dialects: by provider or by family, where not the usual ones. A provider from outside has the dialect that its
            package names in the entry point group `llmclient.dialects`, else OpenAI's.
    """

    def __init__(
        self, harness: Harness, door: Door = "transport", dialects: Mapping[str, Dialect] | None = None
    ) -> None:
        self.harness = harness
        self.door: Door = door
        self._dialects = {**DIALECTS, **(dialects or {})}

    @property
    def clock(self) -> Clock:
        """The harness's clock."""
        return self.harness.clock

    def answer(self, request: WireRequest) -> WireAnswer:
        """Play the next turn for this request.

        Raises:
            NoTurnError: the script has nothing for it.
        """
        dialect, call = self._read(request)
        if call is None or isinstance(call, WireResponse):
            return call or _not_found(dialect, request)
        return self._render(dialect, self.harness.answer(call))

    async def answer_async(self, request: WireRequest) -> WireAnswer:
        """As `answer`, where the script may hold async functions."""
        dialect, call = self._read(request)
        if call is None or isinstance(call, WireResponse):
            return call or _not_found(dialect, request)
        return self._render(dialect, await self.harness.answer_async(call))

    def _read(self, request: WireRequest) -> tuple[Dialect, Call | WireResponse | None]:
        """The dialect, and the call to be played, or the answer to what needs no script; None for no such model."""
        family = family_of(request.provider)
        dialect = self._dialects.get(request.provider) or outside_dialect(request.provider) or self._dialects[family]
        try:
            call = dialect.parse(request, self.door)
        except RefusedRequestError as error:
            return dialect, render_refusal(dialect, error)
        if call.capability is Capability.MODEL_LISTING:
            body = _LISTS[family](self._models(family, request.provider), call.model)
            return dialect, None if body is None else whole(body)
        if request.path.rstrip("/").endswith("/count_tokens"):
            return dialect, whole(anthropic.count_tokens_body(call))
        return dialect, call

    def _models(self, family: Family, provider: str) -> list[str]:
        named = [turn.on for turn in self.harness.script.turns if not set(turn.on) & set("*?[")]
        scripted = [name.partition("/")[2] for name in named if name.startswith(f"{provider}/")]
        return list(dict.fromkeys([*scripted, *MODELS[family]]))

    @staticmethod
    def _render(dialect: Dialect, answer: Answer) -> WireAnswer:
        return replace(render(dialect, answer), done=answer.finish)


def _not_found(dialect: Dialect, request: WireRequest) -> WireResponse:
    return render_refusal(dialect, RefusedRequestError(404, f"No such model: {request.path.rpartition('/')[2]}"))
