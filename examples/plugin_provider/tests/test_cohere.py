"""The provider does what every provider must do, and is found by its entry point."""

from __future__ import annotations

from fake_cohere import fake
from llmclient_cohere import CohereProvider

from llmclient import ModelRouter, ProviderConfig, list_providers
from llmclient.testing.conformance import KEY, TEXT, ProviderConformance, Situation


def config(situation: Situation) -> ProviderConfig:
    return ProviderConfig(api_key=KEY, http_client=lambda *_: fake(situation))


class TestCohere(ProviderConformance):
    model = "command-a-03-2025"

    def provider_for(self, situation: Situation) -> CohereProvider:
        return CohereProvider("cohere", config(situation))


def test_it_is_found_without_any_change_to_the_library() -> None:
    assert "cohere" in list_providers()
    router = ModelRouter("cohere/command-a-03-2025", providers={"cohere": config(Situation.TEXT)})
    assert router.sync.complete("hello").text == TEXT
