"""What LiteLLM's requests hold and ours do not, or the other way round, by vendor: added to a call of the layer.

So that a code base sends what it sent. Sources: LiteLLM's documentation of its providers, and its requests over
loopback.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from llmclient.compat.litellm._arguments import CallArguments
    from llmclient.types.policy import Deployment

_OPENAI = "api.openai.com"

_COUNTED: Mapping[str, Mapping[str, object]] = {"openrouter": {"usage": {"include": True}}}
"""Fields that a vendor is always sent, unless the call says otherwise: OpenRouter is asked what a call cost."""

_ATTRIBUTED = {"HTTP-Referer": "OR_SITE_URL", "X-Title": "OR_APP_NAME"}
"""OpenRouter's headers for who asks, and the variables that LiteLLM takes them from; not sent in their absence."""


def as_sent(call: CallArguments, deployments: Sequence[Deployment]) -> CallArguments:
    """Return a call with the habits of LiteLLM on the wire.

    Args:
        call: what is asked.
        deployments: everybody who may be asked; what only one vendor understands is added where all are that vendor's.
    """
    vendors = {deployment.model.partition("/")[0] for deployment in deployments}
    vendor = vendors.pop() if len(vendors) == 1 else ""
    body: dict[str, object] = {**_COUNTED.get(vendor, {}), **call.extra_body}
    params = dict(call.params)
    for name in _COUNTED.get(vendor, {}):
        if name in params:
            body[name] = params.pop(name)
    if call.stream:
        if "stream_options" in params:
            body["stream_options"] = params.pop("stream_options")
        elif not any(_is_openai(deployment) for deployment in deployments):
            params["stream_options"] = {"include_usage": False}
    headers = _attribution() if vendor == "openrouter" else {}
    return replace(call, params=params, extra_body=body, extra_headers={**headers, **call.extra_headers})


def _is_openai(deployment: Deployment) -> bool:
    """Streams of OpenAI itself are asked for their usage; hosts with the same API may not know the field."""
    if not deployment.model.startswith("openai/"):
        return False
    base_url = deployment.base_url or os.environ.get("OPENAI_BASE_URL")
    return not base_url or urlsplit(base_url).hostname == _OPENAI


def _attribution() -> dict[str, str]:
    return {header: value for header, name in _ATTRIBUTED.items() if (value := os.environ.get(name))}
