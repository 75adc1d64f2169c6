"""The async router: verbs over the core. It sends nothing by itself and opens nothing until the first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, Unpack

from llmclient.routing.base import RouterBase
from llmclient.routing.structured.verbs_async import StructuredVerbs
from llmclient.routing.verbs_async import CapabilityVerbs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path
    from types import TracebackType

    from llmclient.routing.bulk import MapRequest, MapResult, Progress
    from llmclient.routing.streams import ModelStream
    from llmclient.routing.sync_router import SyncModelRouter
    from llmclient.types.messages import ChatParams, Messages
    from llmclient.types.response import ModelResponse


class ModelRouter(CapabilityVerbs, StructuredVerbs, RouterBase):
    """Asks models, whoever serves them.

    Args:
        primary: "provider/model", or the name of a group that several `deployments` share, or a `Deployment`.
        fallbacks: asked in this order when the primary fails; models, groups or deployments.
        embeddings: asked by `embed` instead of `primary`: a model, or several in the order of asking.
        images: the same for `generate_image` and `edit_image`.
        speech: the same for `speak`.
        transcription: the same for `transcribe`.
        deployments: members of the groups that the other arguments name.
        context_window_fallbacks: asked before `fallbacks` after a request was too long for a model.
        content_policy_fallbacks: asked before `fallbacks` after a moderation refused a request.
        strategy: the order within a group: "ordered" (default), "weighted", "round_robin", "least_busy",
            "lowest_latency", "lowest_cost", "most_remaining", or a function; see `llmclient.routing.policy.strategies`.
        retry: how often and how long apart; default `RetryPolicy()`. Also for one call.
        timeouts: time limits of a call; default `Timeouts()`. Also for one call.
        breaker: when a failing deployment is left alone; "default" is `Breaker()`, None is never.
        limits: of the whole router; default none.
        hedge: ask a second deployment when the first is late; default never.
        budget: one or several; a call that would go over one is a `BudgetExceededError` before it is sent.
        on_interrupted: what happens to a stream that breaks after its first content reached the caller: "raise" a
            `StreamInterruptedError` (default), "restart" the text elsewhere, or have another deployment "continue" it;
            a chunk with `marker` set announces either.
        middleware: around calls and attempts.
        providers: how to reach a provider, by its name; what is not given comes from the environment.
        clock: time; default the system's.
        rng: randomness of jitter and strategies; default a new `random.Random()`.
        store: where breakers, limits and budgets are kept; default this process's memory.

    Raises:
        UnknownProviderError: a model leads to no provider.
        ConfigurationError: there is no such strategy or mode.
    """

    async def complete(self, messages: Messages, **params: Unpack[ChatParams]) -> ModelResponse:
        """Ask for an answer and wait for the whole of it.

        Args:
            messages: a string, or a list of messages in OpenAI's shape.
            params: OpenAI's parameters; see `ChatParams`.

        Raises:
            AllModelsFailedError: every one of several deployments failed; `errors` has what each said.
            ProviderError: the only deployment answered with an error, wrongly, or not at all.
            RequestError: the request cannot be sent as it is.
            ConfigurationError: a key or a package is missing.
            BudgetExceededError: a budget has no room for the call.
        """
        from llmclient.routing import asking_async as asking

        return await asking.complete(self._core, messages, params)

    def stream(self, messages: Messages, **params: Unpack[ChatParams]) -> ModelStream:
        """Ask for an answer and read it as it comes.

        Use it as `async with router.stream(...) as stream: async for chunk in stream: ...`; afterwards
        `stream.response` is what `complete` would have given. Leaving the block early closes the connection. What
        `complete` raises is raised on entering; a stream that breaks later raises what `on_interrupted` says.

        Args:
            messages: a string, or a list of messages in OpenAI's shape.
            params: OpenAI's parameters; see `ChatParams`.
        """
        from llmclient.routing import asking_async as asking

        return asking.stream(self._core, messages, params)

    def map(
        self,
        requests: Iterable[MapRequest],
        *,
        concurrency: int = 16,
        ordered: bool = True,
        progress: Progress = False,
        checkpoint: str | Path | None = None,
        **params: Unpack[ChatParams],
    ) -> AsyncIterator[MapResult]:
        """Ask many requests, at most `concurrency` at once, and give what each comes to.

        Args:
            requests: conversations (strings or lists of messages), or mappings `{"messages": ..., **params}`; read as
                places become free.
            concurrency: how many are under way at once, and at most how many results wait for an earlier one.
                Default 16.
            ordered: results in the order of the requests (default), or as they come.
            progress: draw a bar on stderr where that is a terminal, or call a function with (done, total or None).
            checkpoint: path of a file of JSON lines to which answers are appended, and from which those of an earlier
                run are taken instead of asking again. Errors are not kept.
            params: parameters of every request; see `ChatParams`.
        """
        from llmclient.routing.bulk import Run, map_async

        run = Run(
            concurrency=concurrency,
            ordered=ordered,
            progress=progress,
            checkpoint=checkpoint,
            model=self._core.label,
            params=dict(params),
        )
        return map_async(self, requests, run)

    @property
    def sync(self) -> SyncModelRouter:
        """A router for sync code that shares this one's health, limits and statistics."""
        from llmclient.routing.sync_router import SyncModelRouter

        return SyncModelRouter.sharing(self._core)

    async def aclose(self) -> None:
        """Release every connection. A later call opens what it needs again."""
        for provider in self._core.release():
            await provider.aclose()
        self._core.loop.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
