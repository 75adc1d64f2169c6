"""Parameters that are translated one by one, as tables.

They go by one of three ways: a row of `_ENCODERS` translates them; a row of `_NO_PLACE` or `_FOREIGN` says why there is
no place for them (an error, or left out with a log line under `drop_unsupported`); all others travel as they are.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmclient._narrow import is_mapping
from llmclient.providers._parameters import leave_out
from llmclient.providers.anthropic._json import list_of, object_of, text_of
from llmclient.types.vendor_params import foreign_params

if TYPE_CHECKING:
    from llmclient.providers.anthropic.models import ModelTraits
    from llmclient.types.messages import JSONObject
    from llmclient.types.request import ChatRequest

logger: logging.Logger = logging.getLogger("llmclient.providers.anthropic")

PROVIDER = "anthropic"


@dataclass(slots=True)
class Draft:
    """The body while it is made, and what the steps have to know of one another."""

    request: ChatRequest
    traits: ModelTraits
    params: JSONObject
    body: JSONObject = field(default_factory=dict[str, object])
    answer_tool: str | None = None

    def refuse(self, parameter: str, why: str) -> None:
        """Say that a parameter has no place: raise, or log where the caller wants it left out."""
        leave_out(PROVIDER, self.request, parameter, why)


_NO_PLACE: dict[str, tuple[tuple[object, ...], str]] = {
    "n": ((1,), "it gives one answer a call"),
    "seed": ((), "its answers cannot be made repeatable"),
    "presence_penalty": ((0,), "it has no penalties"),
    "frequency_penalty": ((0,), "it has no penalties"),
    "logit_bias": (({},), "it has no bias on tokens"),
    "logprobs": ((False,), "it tells no probabilities"),
    "top_logprobs": ((0,), "it tells no probabilities"),
    "modalities": ((["text"], ("text",)), "it answers in text only"),
    "audio": ((), "it answers in text only"),
    "prediction": ((), "it takes no predicted output"),
    "verbosity": (("medium",), "ask for it in the system prompt"),
    "store": ((False,), "it stores no answers"),
    "prompt_cache_key": ((), "mark what to cache with cache_control"),
    "web_search_options": ((), "pass its own tool: {'type': 'web_search_20250305', 'name': 'web_search'}"),
    "functions": ((), "pass tools"),
    "function_call": ((), "pass tool_choice"),
    "system": ((), "make it a system message"),
}
"""OpenAI's parameters without a counterpart: the values that ask for nothing, and why it has none."""

_FOREIGN = foreign_params("Anthropic")

_ELSEWHERE = frozenset(
    {
        "betas",
        "max_completion_tokens",
        "max_tokens",
        "parallel_tool_calls",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "stream",
        "stream_options",  # usage always comes
        "tool_choice",
        "tools",
    }
)
"""Taken up by a step of their own, or asking for what is there anyway."""


def add_parameters(draft: Draft) -> None:
    """Take up every parameter that depends on no other.

    Raises:
        UnsupportedParameterError: one has no place, and `drop_unsupported` is off.
    """
    for name, value in draft.params.items():
        if name in _NO_PLACE:
            neutral, why = _NO_PLACE[name]
            if value not in neutral:
                draft.refuse(name, why)
        elif name in _FOREIGN:
            draft.refuse(name, f"it is {_FOREIGN[name]}'s")
        elif name in _ENCODERS:
            _ENCODERS[name](draft, name, value)
        elif name not in _ELSEWHERE:
            draft.body[name] = dict(object_of(value)) if is_mapping(value) else value
    if "user" not in draft.params and "safety_identifier" in draft.params:
        _user(draft, "safety_identifier", draft.params["safety_identifier"])


def _sampling(draft: Draft, name: str, value: object) -> None:
    """Range 0 to 1 against OpenAI's 0 to 2: never scaled in silence (fact 1)."""
    if not draft.traits.sampling:
        if value != 1:
            draft.refuse(name, f"{draft.request.model} chooses its own sampling")
    elif name == "temperature" and not (isinstance(value, int | float) and 0 <= value <= 1):
        draft.refuse(name, f"its range is 0 to 1, not {value!r}")
    else:
        draft.body[name] = value


def _stop(draft: Draft, name: str, value: object) -> None:
    stops = [value] if isinstance(value, str) else list(list_of(value))
    kept = [stop for stop in stops if text_of(stop).strip()]
    if len(kept) < len(stops):
        draft.refuse(name, "an entry of white space only is rejected")
    if kept:
        draft.body["stop_sequences"] = kept


def _metadata(draft: Draft, name: str, value: object) -> None:
    others = sorted(key for key in object_of(value) if key != "user_id")
    if others:
        draft.refuse(name, f"it takes user_id only, not {', '.join(others)}")
    if "user_id" in object_of(value):
        draft.body["metadata"] = {"user_id": object_of(value)["user_id"]}


_PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?[\d\s()./-]{7,}")
"""An e-mail address or a telephone number, neither of which may be sent as an id (Anthropic, `metadata.user_id`)."""


def _user(draft: Draft, name: str, value: object) -> None:
    if _PERSONAL.fullmatch(text_of(value).strip()):
        draft.refuse(name, "an e-mail address or a telephone number may not be sent; pass an opaque id")
    elif "user_id" not in object_of(draft.params.get("metadata")):
        draft.body["metadata"] = {"user_id": value}


_ENCODERS: dict[str, Callable[[Draft, str, object], None]] = {
    "temperature": _sampling,
    "top_p": _sampling,
    "top_k": _sampling,
    "stop": _stop,
    "metadata": _metadata,
    "user": _user,
}
