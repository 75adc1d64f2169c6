"""Names lead to providers; providers are shared, released, replaced from outside, and put behind an override."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pytest

from llmclient import (
    ConfigurationError,
    ProviderConfig,
    UnknownProviderError,
    get_provider,
    list_providers,
    override_providers,
    register_provider,
    unregister_provider,
)
from llmclient.providers import registry
from llmclient.providers.registry import ProviderLease, split_model

pytestmark = pytest.mark.unit

GATEWAYS = [
    "groq",
    "mistral",
    "deepseek",
    "together",
    "fireworks",
    "cerebras",
    "xai",
    "perplexity",
    "gemini",
    "huggingface",
    "nvidia",
    "moonshot",
    "zai",
    "ollama",
    "vllm",
    "lmstudio",
    "custom",
]


class Stub:
    """A provider that only notes that it was closed."""

    def __init__(self, name: str, config: ProviderConfig) -> None:
        self.name = name
        self.config = config
        self.closed = False

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.close()


@pytest.fixture
def stub():
    register_provider("stub", Stub)
    yield
    unregister_provider("stub")


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("openai/gpt-5-mini", "openai", "gpt-5-mini"),
        ("anthropic/claude-haiku-4-5", "anthropic", "claude-haiku-4-5"),
        ("openrouter/meta-llama/llama-4-scout", "openrouter", "meta-llama/llama-4-scout"),
        ("gpt-4o", "openai", "gpt-4o"),
        ("o3-mini", "openai", "o3-mini"),
        ("chatgpt-4o-latest", "openai", "chatgpt-4o-latest"),
        ("claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        *((f"{gateway}/some/model", gateway, "some/model") for gateway in GATEWAYS),
    ],
)
def test_a_model_name_leads_to_its_provider(model, provider, name):
    assert split_model(model) == (provider, name)


@pytest.mark.parametrize("model", ["llama-3", "nobody/model", "openai/", "", "/x"])
def test_a_name_that_leads_nowhere_lists_what_there_is(model):
    with pytest.raises(UnknownProviderError, match=r"openrouter.*register_provider") as caught:
        split_model(model)
    assert {"openai", "anthropic", "openrouter", *GATEWAYS} <= set(caught.value.known)


def test_a_provider_from_outside_is_found_until_it_is_removed(stub):
    assert split_model("stub/m") == ("stub", "m")
    assert "stub" in list_providers()
    assert isinstance(get_provider("stub"), Stub)
    unregister_provider("stub")
    with pytest.raises(UnknownProviderError):
        get_provider("stub")
    with pytest.raises(ConfigurationError, match="not registered"):
        unregister_provider("stub")
    register_provider("stub", Stub)


@pytest.mark.parametrize("name", ["openai", "stub", "", "a/b"])
def test_a_name_that_is_taken_or_malformed_is_refused(stub, name):
    with pytest.raises(ConfigurationError):
        register_provider(name, Stub)


def test_a_built_in_provider_can_be_replaced_on_purpose():
    register_provider("openai", Stub, replace=True)
    assert isinstance(get_provider("openai"), Stub)
    unregister_provider("openai")
    assert type(get_provider("openai")).__name__ == "OpenAIProvider"


def test_an_entry_point_is_a_provider(monkeypatch):
    point = EntryPoint("outside", f"{__name__}:Stub", registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point])
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Stub.__module__])
    assert split_model("outside/m") == ("outside", "m")
    assert "outside" in list_providers()
    assert isinstance(get_provider("outside"), Stub) or type(get_provider("outside")).__name__ == "Stub"


def test_equal_configurations_share_one_provider_and_the_last_release_gives_it_back(stub):
    first, second = (ProviderLease("stub", ProviderConfig(base_url="http://a")) for _ in range(2))
    other = ProviderLease("stub", ProviderConfig(base_url="http://b"))
    shared = first.provider
    assert second.provider is shared
    assert other.provider is not shared
    assert first.release() == []
    assert second.release() == [shared]
    assert second.release() == []
    assert len(other.release()) == 1


def test_an_override_stands_before_every_lease_taken_before_or_after_and_is_undone(stub):
    before = ProviderLease("stub", ProviderConfig())
    real = before.provider
    seen = []

    def override(name, config, factory):
        seen.append(name)
        return Stub(f"fake {name}", config)

    with override_providers(override):
        after = ProviderLease("openai", ProviderConfig())
        fake = before.provider
        assert (fake.name, after.provider.name) == ("fake stub", "fake openai")
        with override_providers(lambda name, config, factory: Stub("inner", config)):
            assert before.provider.name == "inner"
        assert before.provider is fake
    assert before.provider is real
    assert seen == ["stub", "openai"]
    assert fake.closed
    before.release()
