"""The rows of a `Router`'s `model_list`: groups, members, and the members' own parameters.

A row is read when it is needed, so that the list may be assigned, and changed, at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypedDict

from llmclient._narrow import as_mapping, is_mapping
from llmclient.compat.litellm._arguments import IGNORED, PRICES, STEERING, CallArguments, prices_in, try_limits
from llmclient.compat.litellm._route import deployment_of

if TYPE_CHECKING:
    from llmclient.types.policy import Deployment, Timeouts

Row = Mapping[str, object]

_OF_THE_ROW = frozenset(
    {
        "base_model",
        "litellm_provider",
        "max_parallel_requests",
        "mode",
        "order",
        "rpm",
        "tpm",
        "use_in_pass_through",
        "weight",
        *PRICES,
        *STEERING,
        *IGNORED,
    }
)
"""What a row says of a deployment; the rest of `litellm_params` are parameters of its calls."""


@dataclass(frozen=True, slots=True)
class Member:
    """A deployment of a group, with its id and name as LiteLLM's users have them, and the parameters of its calls."""

    deployment: Deployment
    identity: str
    spelled: str
    defaults: Mapping[str, object]
    row: Row


def rows_of(model_list: Sequence[object], group: str) -> list[Row]:
    """Return the rows of a group: by its name, else by a wildcard that it matches, else the row with that id."""
    rows = [row for row in model_list if is_mapping(row)]
    for matches in (_is_named, _matches, _has_id):
        found = [row for row in rows if matches(row, group)]
        if found:
            return found
    return []


def identified(row: Row) -> Row:
    """Return a row with `model_info: {"id": …}`, made of what the row says where it has none."""
    known = as_mapping(row.get("model_info"))
    if "id" in known:
        return row
    said = json.dumps(row, sort_keys=True, default=repr)
    return {**row, "model_info": {**known, "id": hashlib.sha256(said.encode()).hexdigest()}}


def _is_named(row: Row, group: str) -> bool:
    return row.get("model_name") == group


def _matches(row: Row, group: str) -> bool:
    name = str(row.get("model_name", ""))
    return "*" in name and fnmatchcase(group, name)


def _has_id(row: Row, group: str) -> bool:
    return as_mapping(row.get("model_info")).get("id") == group


def member_of(row: Row, group: str, call: CallArguments | None = None) -> Member:
    """Read one row, with what the call says over what the row says.

    Args:
        row: a row of `model_list`.
        group: the name that was asked for; it stands for the "*" of a wildcard row.
        call: the call, whose key, endpoint, provider and prices go first.

    Raises:
        UnknownProviderError: it is not known who serves the row's model.
        TypeError: the row has no model.
    """
    params = as_mapping(row.get("litellm_params"))
    model = params.get("model")
    if not isinstance(model, str):
        raise TypeError(f"a row of model_list needs litellm_params with a model; got {row!r}")
    if "*" in model:
        model = model.replace("*", group.partition("/")[2] if "/" in model else group)
    provider = (call and call.provider) or _text(params.get("custom_llm_provider"))
    base_url = (call and call.base_url) or _text(params.get("api_base")) or _text(params.get("base_url"))
    api_key = (call and call.api_key) or _text(params.get("api_key"))
    deployment = deployment_of(model, provider, api_key=api_key, base_url=base_url)
    deployment = replace(
        deployment,
        price=(call and call.price) or prices_in(params),
        **_limits(params, timed=call is not None and call.timeout is not None, stream=call is not None and call.stream),
    )
    identity = str(as_mapping(row.get("model_info")).get("id", ""))
    defaults = {name: value for name, value in params.items() if _is_parameter(name) and value is not None}
    return Member(deployment, identity or deployment.model, model, defaults, row)


def _is_parameter(name: str) -> bool:
    return name not in _OF_THE_ROW and not name.startswith("supports_")


def _text(value: object) -> str | None:
    """A value, or the environment variable it names as "os.environ/NAME"."""
    if not isinstance(value, str) or not value:
        return None
    if value.startswith("os.environ/"):
        return os.environ.get(value.removeprefix("os.environ/"))
    return value


class _Limits(TypedDict, total=False):
    rpm: int
    tpm: int
    max_parallel: int
    weight: float
    order: int
    timeouts: Timeouts


def _limits(params: Row, *, timed: bool, stream: bool) -> _Limits:
    """The fields of a deployment that are limits; `timed` where the call brings its own timeout."""
    limits: _Limits = {}
    rpm, tpm, parallel = (_whole(params.get(name)) for name in ("rpm", "tpm", "max_parallel_requests"))
    if rpm is not None:
        limits["rpm"] = rpm
    if tpm is not None:
        limits["tpm"] = tpm
    if parallel is not None:
        limits["max_parallel"] = parallel
    weight = params.get("weight") or rpm or tpm
    if isinstance(weight, int | float):
        limits["weight"] = float(weight)
    order, timeout = _whole(params.get("order")), params.get("timeout")
    if order is not None:
        limits["order"] = order
    if isinstance(timeout, int | float) and timeout > 0 and not timed:
        limits["timeouts"] = try_limits(timeout, stream=stream)
    return limits


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
