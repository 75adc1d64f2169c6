"""A fake can do what the provider it stands for can do, and no more."""

from __future__ import annotations

import pytest

from llmclient import (
    Capability,
    ModelRouter,
    UnsupportedCapabilityError,
    find_providers,
    get_provider_capabilities,
    register_provider,
    unregister_provider,
)
from llmclient.testing import FakeProvider, script

pytestmark = pytest.mark.unit


class EmbedsOnly:
    """A vendor that has vectors, sync, and nothing else."""

    closed = 0

    def __init__(self, name, _config):
        self.name = name

    def embed_sync(self, request):
        raise AssertionError("the fake stands in front of it")

    def close(self):
        EmbedsOnly.closed += 1

    async def aclose(self):
        self.close()


@pytest.fixture
def embedder():
    register_provider("embedder", EmbedsOnly)
    yield "embedder"
    unregister_provider("embedder")


def test_what_a_provider_lacks_its_fake_lacks_too():
    asked = ModelRouter("anthropic/claude-haiku-4-5").sync
    with script() as llm, pytest.raises(UnsupportedCapabilityError, match=r"have it: .*openai"):
        asked.embed("a")
    assert not llm.calls


@pytest.mark.parametrize("name", ["openai", "anthropic", "openrouter", "groq"])
def test_a_fake_says_the_same_of_its_capabilities_as_the_provider(name):
    real = get_provider_capabilities(name)
    with script():
        fake = get_provider_capabilities(name)
    assert fake == real


def test_the_providers_that_have_a_capability_are_the_same_under_a_script():
    real = find_providers(Capability.SPEECH)
    with script():
        assert find_providers(Capability.SPEECH) == real


def test_a_fallback_serves_what_the_primary_cannot():
    asked = ModelRouter("anthropic/claude-haiku-4-5", fallbacks=["openai/text-embedding-3-small"]).sync
    with script() as llm:
        llm.on("openai/*").reply(embeddings=[[1.0, 0.0]])
        assert asked.embed("a").vectors[0].tolist() == [1.0, 0.0]


def test_a_vendor_from_outside_is_asked_and_closed(embedder):
    with script() as llm:
        llm.on("embedder/*").reply(embeddings=[[0.5]], times=None)
        asked = ModelRouter(f"{embedder}/small").sync
        assert asked.embed("a").vectors[0].tolist() == [0.5]
        with pytest.raises(UnsupportedCapabilityError):
            asked.complete("hi")
    assert EmbedsOnly.closed


def test_one_that_cannot_be_made_is_taken_to_have_everything():
    with script() as llm:
        llm.on("custom/*").reply(embeddings=[[0.5]])
        assert ModelRouter("custom/small").sync.embed("a").vectors[0].tolist() == [0.5]


def test_a_fake_made_by_hand_has_everything():
    with script() as llm:
        assert get_provider_capabilities(FakeProvider(llm, "anthropic")) >= {Capability.EMBEDDINGS, Capability.CHAT}
