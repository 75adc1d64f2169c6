"""Counting, prices, and what models can do, as LiteLLM's functions tell them."""

from __future__ import annotations

import warnings
from unittest.mock import MagicMock

import pytest

from llmclient.compat import litellm
from llmclient.compat.litellm import utils
from llmclient.costs import get_cost_database


@pytest.fixture(autouse=True)
def without_a_vocabulary():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class TestTokens:
    @pytest.mark.parametrize("model", ["gpt-4o", "openai/gpt-4o", "nobody-knows-this"])
    def test_the_counts_people_rely_on(self, model):
        assert litellm.token_counter(model=model, text="") == 0
        assert litellm.token_counter(model=model, text="Hello, world!") == 4
        assert litellm.token_counter(model=model, messages=[{"role": "user", "content": "Hello, how are you?"}]) == 13
        assert litellm.token_counter(model=model, messages=[{"role": "user", "content": ""}]) == 7

    def test_tools_add(self):
        ask = [{"role": "user", "content": "hi"}]
        tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
        assert litellm.token_counter(model="gpt-4o", messages=ask, tools=[tool]) > litellm.token_counter(
            model="gpt-4o", messages=ask
        )

    @pytest.mark.parametrize("messages", [[], [{"no": "role"}], [{"role": "user", "content": None}]])
    def test_never_raises(self, messages):
        assert litellm.token_counter(model="gpt-4o", messages=messages) >= 0

    def test_tool_calls_in_the_place_of_tools_count(self):
        call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        said = [{"role": "assistant", "content": "", "tool_calls": [call]}]
        assert litellm.token_counter(model="gpt-4o", messages=said, tools=[call]) > 0


class TestPrices:
    def response(self, model: str = "gpt-4o") -> litellm.ModelResponse:
        return litellm.ModelResponse(model=model, usage=litellm.Usage(prompt_tokens=1000, completion_tokens=500))

    def test_a_response_built_by_hand_is_priced(self):
        assert litellm.completion_cost(self.response()) == pytest.approx(0.0075)
        assert litellm.completion_cost(completion_response=self.response("x"), model="gpt-4o") == pytest.approx(0.0075)

    def test_an_unknown_model_is_an_error(self):
        with pytest.raises(litellm.NotFoundError, match="model_cost"):
            litellm.completion_cost(self.response("nobody-knows-this"))

    def test_a_mock_in_the_place_of_a_response_is_an_error(self):
        with pytest.raises(TypeError, match="MagicMock"):
            litellm.completion_cost(MagicMock())
        response = self.response()
        response.usage = MagicMock()
        with pytest.raises(Exception, match="usage"):
            litellm.completion_cost(response)

    def test_a_row_of_model_cost_prices_a_model(self):
        litellm.model_cost["mine"] = {"input_cost_per_token": 1.0, "output_cost_per_token": 2.0, "max_tokens": None}
        try:
            assert litellm.completion_cost(self.response("mine")) == 2000.0
            litellm.model_cost["mine"]["input_cost_per_token"] = 2.0
            assert litellm.completion_cost(self.response("mine")) == 3000.0
        finally:
            get_cost_database().unregister("mine")
        assert "mine" not in litellm.model_cost

    def test_prompt_and_answer_apart(self):
        assert litellm.cost_per_token("gpt-4o", 1000, 500) == pytest.approx((0.0025, 0.005))

    def test_texts_are_counted(self):
        assert litellm.completion_cost(model="gpt-4o", prompt="Hello, world!", completion="Hello, world!") > 0


class TestAbilities:
    @pytest.mark.parametrize("name", [name for name in utils.__all__ if name.startswith("supports_")])
    def test_an_unknown_model_supports_nothing(self, name):
        assert getattr(utils, name)("nobody-knows-this") is False

    def test_known_models_support_what_their_row_says(self):
        assert litellm.supports_function_calling("gpt-4o")
        assert litellm.supports_vision("openai/gpt-4o")
        assert litellm.supports_vision(model="gpt-4o", custom_llm_provider="openai")
        assert not litellm.supports_reasoning("gpt-4o")

    def test_facts_of_a_model(self):
        info = litellm.get_model_info("gpt-4o")
        assert (info["key"], info["max_input_tokens"], info["litellm_provider"]) == ("gpt-4o", 128000, "openai")
        assert litellm.get_max_tokens("gpt-4o") == 16384
        with pytest.raises(litellm.NotFoundError):
            litellm.get_model_info("nobody-knows-this")

    @pytest.mark.parametrize(
        ("model", "provider", "name"),
        [
            ("gpt-4o", "openai", "gpt-4o"),
            ("openai/gpt-4o", "openai", "gpt-4o"),
            ("openrouter/anthropic/claude-3", "openrouter", "anthropic/claude-3"),
            ("claude-haiku-4-5", "anthropic", "claude-haiku-4-5"),
            ("together_ai/x/y", "together", "x/y"),
            ("text-embedding-3-small", "openai", "text-embedding-3-small"),
        ],
    )
    def test_who_serves_a_model(self, model, provider, name):
        assert litellm.get_llm_provider(model)[:2] == (name, provider)

    def test_nobody_serves_it(self):
        with pytest.raises(litellm.BadRequestError):
            litellm.get_llm_provider("nobody-knows-this")

    def test_parameters_that_a_provider_has_a_place_for(self):
        assert "logit_bias" in litellm.get_supported_openai_params("gpt-4o")
        assert "logit_bias" not in litellm.get_supported_openai_params("claude-haiku-4-5")
        assert litellm.get_supported_openai_params("nobody-knows-this") is None


def test_parameter_types_build_plain_dictionaries():
    from llmclient.compat.litellm.types.completion import ChatCompletionUserMessageParam, ImageURL

    message = ChatCompletionUserMessageParam(role="user", content="hi", name=None)
    assert type(message) is dict
    assert message == {"role": "user", "content": "hi"}
    assert ImageURL({"url": "u"}, detail=None) == {"url": "u"}


class TestTable:
    """`model_cost` as a mapping, and what else asks the table."""

    def test_is_a_mapping(self):
        assert "gpt-4o" in litellm.model_cost
        assert 3 not in litellm.model_cost
        assert len(litellm.model_cost) == len(list(litellm.model_cost)) > 1000
        assert litellm.model_cost.get("nobody-knows-this", {}) == {}

    def test_a_row_has_litellms_older_name_of_the_limit(self):
        assert litellm.model_cost["gpt-4o"]["max_tokens"] == litellm.get_max_tokens("gpt-4o") == 16384
        assert litellm.get_model_info("gpt-4o")["max_tokens"] == 16384

    def test_rows_are_registered_changed_and_deleted(self):
        litellm.register_model({"mine": {"input_cost_per_token": 1.0, "output_cost_per_token": 1.0}})
        litellm.model_cost["mine"]["input_cost_per_token"] = 3.0
        assert litellm.model_cost["mine"]["input_cost_per_token"] == 3.0
        del litellm.model_cost["mine"]
        assert "mine" not in litellm.model_cost

    def test_no_table_is_loaded_from_a_url(self):
        with pytest.raises(TypeError, match="refresh_cost_data"):
            litellm.register_model("https://example.org/prices.json")

    def test_limits_of_an_unknown_model_are_an_error(self):
        with pytest.raises(litellm.NotFoundError):
            litellm.get_max_tokens("nobody-knows-this")

    def test_parameters_by_provider(self):
        assert "thinking" in litellm.get_supported_openai_params("claude-haiku-4-5")
        assert "logit_bias" in litellm.get_supported_openai_params("gpt-4o")
        assert litellm.get_supported_openai_params("gpt-4o", request_type="embeddings") == []
        assert litellm.get_supported_openai_params("nobody-knows-this") is None
