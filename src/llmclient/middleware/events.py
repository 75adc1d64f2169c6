"""Functions as hooks, for the simple case: told of what happens, unable to change it, harmless when they fail."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from llmclient.protocols import Capability
    from llmclient.types.request import Request

logger: logging.Logger = logging.getLogger(__name__)

EventName: TypeAlias = Literal["attempt_started", "attempt_finished", "retry", "fallback", "response", "error"]
"""What `router.on` listens to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterEvent:
    """Something that happened in a call.

    Attributes:
        name: "attempt_started" and "attempt_finished" for each try; "retry" before a try at a deployment that the call
            had tried before, "fallback" before a first try at another one; "response" or "error" at the call's end.
        capability: what is asked for.
        model: "provider/model" that is tried; of "response" and "error" what the call asked for.
        attempt: number of the try, from 1; 0 for "response" and "error".
        request: what is sent.
        response: the answer, for "response" and a finished try that has one.
        error: what went wrong, for "error" and a finished try that failed; the try before for "retry" and "fallback".
        duration: seconds it took, for "attempt_finished", "response" and "error".
    """

    name: EventName
    capability: Capability
    model: str
    request: Request
    attempt: int = 0
    response: object = None
    error: BaseException | None = None
    duration: float = 0.0


Hook: TypeAlias = Callable[[RouterEvent], Awaitable[object] | object]
"""A function, sync or async, that is told of an event."""


class Hooks:
    """Who is told of what. Shared by the routers of one family."""

    def __init__(self) -> None:
        self._hooks: dict[EventName, list[Hook]] = {}
        self._failed: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._hooks)

    def on(self, name: EventName, hook: Hook) -> None:
        """Tell `hook` of every event of that name from now on. Raises `ValueError` for a name there is not."""
        if name not in get_args(EventName):
            raise ValueError(f"there is no event {name!r}; there are: {', '.join(get_args(EventName))}")
        self._hooks.setdefault(name, []).append(hook)

    async def tell(self, events: Sequence[RouterEvent]) -> None:
        """Tell of events, waiting for async hooks."""
        for event in events:
            for hook in tuple(self._hooks.get(event.name, ())):
                try:
                    told = hook(event)
                    if inspect.isawaitable(told):
                        await told
                except Exception as error:  # noqa: BLE001 - a failing hook never breaks a call; it is logged once
                    self._report(hook, event, error)

    def tell_sync(self, events: Sequence[RouterEvent], run: Callable[[Awaitable[object]], object]) -> None:
        """Tell of events; `run` waits for async hooks."""
        for event in events:
            for hook in tuple(self._hooks.get(event.name, ())):
                try:
                    told = hook(event)
                    if inspect.isawaitable(told):
                        run(told)
                except Exception as error:  # noqa: BLE001 - a failing hook never breaks a call; it is logged once
                    self._report(hook, event, error)

    def _report(self, hook: Hook, event: RouterEvent, error: Exception) -> None:
        if id(hook) not in self._failed:  # by its id: an object that is called may have no hash
            self._failed.add(id(hook))
            logger.error(
                "hook %s failed on %r: %r; this is said once", getattr(hook, "__name__", hook), event.name, error
            )
