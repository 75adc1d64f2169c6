"""Callbacks: who is told of a call, and how each kind of callback is called.

A router that was given callbacks tells these and nobody else. What has none of its own (the module-level functions,
and routers without) tells the module-level lists, as they are at the time of the call. There is no limit and no copy.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from llmclient.compat.litellm._module import NotInLayerError
from llmclient.compat.litellm._settings import SETTINGS

logger: logging.Logger = logging.getLogger("llmclient.compat.litellm")

Event: TypeAlias = tuple[dict[str, object], object, object, object]
"""Keyword arguments of the call, the response or error, start and end."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Who is told; `own` is None where the module-level lists are."""

    own: Sequence[object] | None = None

    def _told(self, *lists: str) -> list[object]:
        found: list[object] = []
        if self.own is not None:
            found.extend(self.own)
        else:
            for name in ("callbacks", *lists):
                found.extend(entry for entry in cast("list[object]", getattr(SETTINGS, name)) if entry not in found)
        for entry in found:
            if isinstance(entry, str):
                raise NotInLayerError(entry, "a CustomLogger, or llmclient's middleware for tracing")
        return found

    # --- before ---

    def before(self, model: str, messages: object, kwargs: dict[str, object]) -> None:
        """Tell of a call that is about to be made."""
        for entry in self._told("input_callback"):
            _call(getattr(entry, "log_pre_api_call", None), model, messages, kwargs)

    async def abefore(self, model: str, messages: object, kwargs: dict[str, object]) -> None:
        """Tell of an async call that is about to be made."""
        for entry in self._told("input_callback"):
            _call(getattr(entry, "log_pre_api_call", None), model, messages, kwargs)
            await _acall(getattr(entry, "async_log_pre_api_call", None), model, messages, kwargs)

    # --- after ---

    def after(self, method: str, event: Event) -> None:
        """Tell of a sync call: `method` is success_event, failure_event or stream_event."""
        for entry in self._told(*_LISTS[method]):
            _call(_of(entry, f"log_{method}", method), *event)

    async def aafter(self, method: str, event: Event) -> None:
        """Tell of an async call."""
        for entry in self._told(*_LISTS[method]):
            await _acall(_of(entry, f"async_log_{method}", method), *event)


_LISTS = {
    "success_event": ("success_callback", "_async_success_callback"),
    "failure_event": ("failure_callback", "_async_failure_callback"),
    "stream_event": (),
}


def _of(entry: object, name: str, method: str) -> object:
    """A logger's method; a function is itself the callback, but is not told of every chunk."""
    found: object = getattr(entry, name, None)
    return found if found is not None or method == "stream_event" else entry


def _call(callback: object, *arguments: object) -> None:
    if not callable(callback):
        return
    if inspect.iscoroutinefunction(callback):
        logger.warning("callback %r is async and the call is not: it was not told", callback)
        return
    try:
        callback(*arguments)
    except Exception:
        logger.exception("callback %r failed", callback)


async def _acall(callback: object, *arguments: object) -> None:
    if not callable(callback):
        return
    try:
        result = callback(*arguments)
        if inspect.isawaitable(result):
            await result
    except Exception:
        logger.exception("callback %r failed", callback)


class LoggingCallbackManager:
    """LiteLLM's keeper of the module-level lists. Nothing in the layer asks it; it exists for code that does."""

    def add_litellm_callback(self, callback: object) -> None:
        """Add to `callbacks`, once."""
        _add(SETTINGS.callbacks, callback)

    def add_litellm_input_callback(self, callback: object) -> None:
        """Add to `input_callback`, once."""
        _add(SETTINGS.input_callback, callback)

    def add_litellm_success_callback(self, callback: object) -> None:
        """Add to `success_callback`, once."""
        _add(SETTINGS.success_callback, callback)

    def add_litellm_failure_callback(self, callback: object) -> None:
        """Add to `failure_callback`, once."""
        _add(SETTINGS.failure_callback, callback)

    def add_litellm_async_success_callback(self, callback: object) -> None:
        """Add to the async successes, once."""
        _add(SETTINGS.success_callback, callback)

    def add_litellm_async_failure_callback(self, callback: object) -> None:
        """Add to the async failures, once."""
        _add(SETTINGS.failure_callback, callback)

    def remove_callback_from_list_by_object(self, callback_list: list[object], obj: object) -> None:
        """Remove an entry, and bound methods of it, from a list."""
        callback_list[:] = [
            entry for entry in callback_list if entry is not obj and getattr(entry, "__self__", None) is not obj
        ]

    def _reset_all_callbacks(self) -> None:
        for name in _EVERY_LIST:
            getattr(SETTINGS, name).clear()

    def _get_all_callbacks(self) -> list[object]:
        return [entry for name in _EVERY_LIST for entry in getattr(SETTINGS, name)]


_EVERY_LIST = ("callbacks", "input_callback", "success_callback", "failure_callback")


def _add(entries: list[object], callback: object) -> None:
    if callback not in entries:
        entries.append(callback)


logging_callback_manager: LoggingCallbackManager = LoggingCallbackManager()
