"""LiteLLM's response classes: by hand, from the wire, as objects and as dictionaries."""

from __future__ import annotations

import copy
import json
import pickle
from unittest.mock import MagicMock

import pytest
from openai.types import CompletionUsage

from llmclient.compat.litellm.types.utils import (
    ChatCompletionMessageToolCall,
    Choices,
    Delta,
    Function,
    Message,
    ModelResponse,
    ModelResponseStream,
    StreamingChoices,
    Usage,
)
from llmclient.types import Choice as CoreChoice
from llmclient.types import Message as CoreMessage
from llmclient.types import ModelResponse as CoreResponse
from llmclient.types import PromptTokensDetails
from llmclient.types import Usage as CoreUsage


class TestByHand:
    def test_needs_no_arguments(self):
        assert Message().content is None
        assert Choices().finish_reason == "stop"
        response = ModelResponse()
        assert [type(choice).__name__ for choice in response.choices] == ["Choices"]
        assert response.usage.total_tokens == 0

    def test_a_choice_is_named_choices(self):
        choice = Choices(message=Message(role="assistant", content="hi"), finish_reason="stop")
        assert isinstance(choice, Choices)
        assert choice.__class__.__name__ == "Choices"

    def test_takes_mocks_wherever_they_are_put(self):
        message = MagicMock(content="hi")
        response = ModelResponse(choices=[Choices(message=message)])
        response.usage = MagicMock(total_tokens=3)
        response.anything = object()
        assert response.choices[0].message.content == "hi"
        assert response.usage.total_tokens == 3

    def test_dictionaries_become_parts(self):
        response = ModelResponse(
            choices=[{"message": {"content": None, "tool_calls": [{"id": "1", "function": {"name": "f"}}]}}],
            usage={"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 4}},
        )
        assert response.choices[0].message.tool_calls[0].function.name == "f"
        assert response.usage.prompt_tokens_details.cached_tokens == 4

    def test_a_streaming_response_has_streaming_choices(self):
        assert isinstance(ModelResponse(stream=True).choices[0], StreamingChoices)
        assert isinstance(ModelResponseStream().choices[0], StreamingChoices)

    def test_extra_fields_are_kept(self):
        assert ModelResponse(foo=1).foo == 1
        assert Message(content="x", custom={"a": 1}).model_dump()["custom"] == {"a": 1}

    def test_positional_arguments_go_where_litellm_puts_them(self):
        assert Message("hi", "user").role == "user"
        assert Choices("length", 2).index == 2
        assert Function({"a": 1}, "f").arguments == '{"a": 1}'

    def test_hidden_parameters_are_a_dictionary_of_each_response(self):
        one, other = ModelResponse(), ModelResponse(hidden_params={"model_id": "7"}, response_ms=12)
        one._hidden_params["x"] = 1
        assert other._hidden_params == {"model_id": "7"}
        assert other._response_ms == 12

    def test_copies_and_pickles(self):
        response = ModelResponse(choices=[Choices(message=Message(content="hi"))], usage=Usage(prompt_tokens=1))
        assert copy.deepcopy(response) == response
        assert pickle.loads(pickle.dumps(response)) == response
        assert response.model_copy(update={"id": "x"}).id == "x"


class TestToolCalls:
    def test_answer_as_objects_and_as_dictionaries(self):
        call = ChatCompletionMessageToolCall(id="1", function=Function(name="f", arguments="{}"))
        assert (call.id, call.type, call.function.name, call.function.arguments) == ("1", "function", "f", "{}")
        assert call["function"]["name"] == "f"

    def test_a_missing_id_is_made_up(self):
        assert ChatCompletionMessageToolCall(function={"name": "f", "arguments": "{}"}).id


class TestAsDictionary:
    def test_reads(self):
        response = ModelResponse(choices=[Choices(message=Message(content="hi"))])
        assert response["choices"][0]["message"]["content"] == "hi"
        assert response.get("nothing") is None
        assert "choices" in response
        assert "nothing" not in response
        assert set(response.keys()) >= {"id", "choices", "usage"}
        with pytest.raises(KeyError):
            response["nothing"]

    def test_writes(self):
        message = Message()
        message["content"] = "set"
        assert message.content == "set"

    def test_json_is_a_dictionary(self):
        assert ModelResponse(model="m").json()["model"] == "m"

    def test_a_delta_answers_get(self):
        assert Delta(content="a").get("content") == "a"
        assert Delta().get("content") is None


class TestDump:
    def test_holds_what_litellms_holds(self):
        assert Message(content="x").model_dump() == {
            "role": "assistant",
            "content": "x",
            "tool_calls": None,
            "function_call": None,
            "provider_specific_fields": None,
        }
        assert set(ModelResponse().model_dump()) == {
            "id",
            "object",
            "created",
            "model",
            "choices",
            "usage",
            "system_fingerprint",
        }

    def test_never_meets_an_unbuilt_model(self):
        response = ModelResponse()
        response.usage = CompletionUsage(prompt_tokens=1, completion_tokens=2, total_tokens=3)
        assert response.model_dump()["usage"]["total_tokens"] == 3
        assert json.loads(ModelResponse().model_dump_json())["usage"]["prompt_tokens"] == 0


class TestUsage:
    def test_is_openais_class(self):
        usage = Usage(prompt_tokens=3)
        assert isinstance(usage, CompletionUsage)
        assert (usage.completion_tokens, usage.total_tokens) == (0, 0)

    def test_can_be_added_up_in_place(self):
        usage = Usage(prompt_tokens=1, completion_tokens=1, total_tokens=2)
        usage.prompt_tokens += 5
        assert usage.model_dump()["prompt_tokens"] == 6

    def test_reasoning_tokens_stand_in_the_details(self):
        assert Usage(reasoning_tokens=4).completion_tokens_details.reasoning_tokens == 4


class TestFromTheWire:
    def response(self) -> ModelResponse:
        details = PromptTokensDetails(cached_tokens=3, cache_write_tokens=2)
        core = CoreResponse(
            model="m",
            provider="anthropic",
            choices=[CoreChoice(message=CoreMessage(content="hi"), finish_reason="stop")],
            usage=CoreUsage(prompt_tokens=9, completion_tokens=1, total_tokens=10, prompt_tokens_details=details),
        )
        core.attach(raw={"id": "1"}, attempts=())
        return ModelResponse.of(core)

    def test_a_message_always_has_provider_specific_fields(self):
        assert self.response().choices[0].message.provider_specific_fields == {}

    def test_openais_own_fields_are_no_extras(self):
        message = Message(content="x", refusal=None, annotations=[])
        assert message.model_extra == {}

    def test_usage_has_anthropics_two_names_for_cache_traffic(self):
        usage = self.response().usage
        assert usage.prompt_tokens_details.cached_tokens == 3
        assert usage.cache_read_input_tokens == 3
        assert usage.cache_creation_input_tokens == 2

    def test_keeps_the_providers_own_json(self):
        assert self.response().raw_response == {"id": "1"}

    def test_an_answer_that_was_cut_off_is_not_reported_as_stopped(self):
        assert ModelResponse.of(CoreResponse(choices=[CoreChoice()])).choices[0].finish_reason is None
