"""The models that Anthropic offers."""

from __future__ import annotations

import pytest

import llmclient
from llmclient import ProviderConfig, get_provider
from llmclient.protocols import ModelListingCapability, SyncModelListingCapability
from llmclient.types import ModelList, ModelListRequest
from support.canned import Answer, Canned, answer

SONNET = {
    "type": "model",
    "id": "claude-sonnet-4-5",
    "display_name": "Claude Sonnet 4.5",
    "created_at": "2025-09-29T00:00:00Z",
    "max_input_tokens": 200_000,
    "max_tokens": 64_000,
}
OLD = {"type": "model", "id": "claude-old", "display_name": "Old", "created_at": "once"}
PAGE = {"data": [SONNET, OLD], "has_more": False, "first_id": "claude-sonnet-4-5", "last_id": "claude-old"}


@pytest.fixture(params=["sync", "async"])
def flavour(request) -> str:
    return request.param


async def listed(flavour: str, *answers: Answer) -> tuple[ModelList, Canned]:
    canned = Canned(*answers)
    provider = get_provider("anthropic", ProviderConfig(api_key="sk-canary-0001", http_client=canned))
    assert isinstance(provider, ModelListingCapability)
    assert isinstance(provider, SyncModelListingCapability)
    request = ModelListRequest()
    try:
        return await provider.list_models(request) if flavour == "async" else provider.list_models_sync(request), canned
    finally:
        await provider.aclose()


async def test_the_models_are_listed_with_what_the_provider_tells_of_them(flavour):
    models, canned = await listed(flavour, answer(PAGE))
    (request,) = canned.requests
    assert (request.method, str(request.url)) == ("GET", "https://api.anthropic.com/v1/models?limit=1000")
    sonnet, old = models.data
    assert (sonnet.name, sonnet.context_window, sonnet.max_output_tokens) == (
        "anthropic/claude-sonnet-4-5",
        200_000,
        64_000,
    )
    assert sonnet.created == 1_759_104_000
    assert (old.created, old.context_window, old.display_name) == (None, None, "Old")
    assert models.raw_response == PAGE


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            answer({"type": "error", "error": {"type": "authentication_error", "message": "no"}}, 401),
            "AuthenticationError",
        ),
        (answer({"type": "error", "error": {"type": "overloaded_error", "message": "no"}}), "OverloadedError"),
        (answer({"models": []}), "MalformedResponseError"),
    ],
)
async def test_an_error_of_the_listing_has_its_class(flavour, told, expected):
    with pytest.raises(getattr(llmclient, expected)):
        await listed(flavour, told)
