"""LiteLLM's response classes: by hand, from the wire, as objects and as dictionaries."""

from __future__ import annotations

import copy
import inspect
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
from llmclient.types import FunctionCall, PromptTokensDetails
from llmclient.types import Message as CoreMessage
from llmclient.types import ModelResponse as CoreResponse
from llmclient.types import ToolCall as CoreCall
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

    @pytest.mark.parametrize(
        ("given", "told"), [("end_turn", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls"), ("eos", "eos")]
    )
    def test_finish_reasons_are_openais(self, given, told):
        assert Choices(finish_reason=given).finish_reason == told

    def test_text_is_that_of_its_repr(self):
        assert str(Message(content="x")) == repr(Message(content="x"))

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

    def test_of_mocks_neither_raises_nor_warns(self):
        response = ModelResponse(choices=[MagicMock(), Choices(message=MagicMock(content="hi"))])
        response.usage = MagicMock(total_tokens=3)
        response.anything = MagicMock()
        assert {"choices", "usage", "anything"} <= set(response.model_dump())
        message = Message(tool_calls=[MagicMock()])
        message.function_call = MagicMock()
        assert {"tool_calls", "function_call"} <= set(message.model_dump())

    def test_of_usage_by_any_class(self):
        response = ModelResponse()
        for usage in (CompletionUsage(prompt_tokens=1, completion_tokens=2, total_tokens=3), Usage(total_tokens=3)):
            response.usage = usage
            assert response.model_dump()["usage"]["total_tokens"] == 3

    def test_shows_what_is_set_later(self):
        message = Message(content="x")
        message.refusal = "no"
        message.annotations = [{"type": "url_citation"}]
        assert {"refusal", "annotations"} <= set(message.model_dump())


class TestWhatIsNotThere:
    """Fields that LiteLLM's objects have once they are set: reading gives None, and nothing else shows them."""

    def test_reads_as_none(self):
        message = Message(content="x")
        assert (message.reasoning_content, message.annotations, message.refusal) == (None, None, None)
        assert message.get("reasoning_content") is None

    def test_is_in_no_list_of_names(self):
        message = Message(content="x")
        assert "reasoning_content" not in message
        assert "reasoning_content" not in dict(message)
        assert "reasoning_content" not in set(message.keys())
        message.reasoning_content = "hm"
        assert "reasoning_content" in message
        assert dict(message.items())["reasoning_content"] == "hm"

    def test_a_name_nobody_has_is_an_error(self):
        with pytest.raises(AttributeError, match="nothing"):
            _ = Message().nothing
        assert not hasattr(Message(), "nothing")

    def test_usage_stands_among_the_extra_fields(self):
        response = ModelResponse(usage=Usage(prompt_tokens=1))
        assert response.usage.prompt_tokens == 1
        assert response.model_extra["usage"] is response.usage
        assert inspect.getattr_static(response, "usage", None) is None  # what a runtime-checkable Protocol asks
        response.usage = Usage(prompt_tokens=2)
        assert response["usage"].prompt_tokens == 2

    def test_usage_can_be_deleted(self):
        response = ModelResponse(usage=Usage())
        del response.usage
        assert "usage" not in response.model_dump()


class TestUsage:
    def test_is_openais_class(self):
        usage = Usage(prompt_tokens=3)
        assert isinstance(usage, CompletionUsage)
        assert (usage.completion_tokens, usage.total_tokens) == (0, 0)

    def test_can_be_added_up_in_place(self):
        usage = Usage(prompt_tokens=1, completion_tokens=1, total_tokens=2)
        usage.prompt_tokens += 5
        assert usage.model_dump()["prompt_tokens"] == 6

    def test_cache_traffic_stands_in_the_details(self):
        details = Usage(cache_read_input_tokens=2, cache_creation_input_tokens=3).prompt_tokens_details
        assert (details.cached_tokens, details.cache_creation_tokens) == (2, 3)
        assert Usage(cache_read_input_tokens=0).prompt_tokens_details is None

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

    def test_what_a_vendor_adds_to_a_choice_is_its_provider_specific_field(self):
        core = CoreResponse(choices=[CoreChoice(finish_reason="stop", native_finish_reason="end")])
        choice = ModelResponse.of(core).choices[0]
        assert choice.provider_specific_fields == {"native_finish_reason": "end"}
        assert choice.model_extra == {}

    def test_reasoning_is_told_under_provider_specific_fields_too(self):
        core = CoreResponse(choices=[CoreChoice(message=CoreMessage(content="x", reasoning_content="hm"))])
        message = ModelResponse.of(core).choices[0].message
        assert message.reasoning_content == message.provider_specific_fields["reasoning_content"] == "hm"

    def test_the_repr_has_litellms_order(self):
        """instructor sends it to the model when it asks again, so that it stands in the requests of cassettes."""
        call = CoreCall(id="1", function=FunctionCall(name="f", arguments="{}"))
        message = CoreMessage(content=None, tool_calls=[call], annotations=[])
        usage = CoreUsage(prompt_tokens=1, completion_tokens=2, total_tokens=3)
        core = CoreResponse(
            id="x",
            created=1,
            model="m",
            provider="openai",
            choices=[CoreChoice(message=message, finish_reason="tool_calls")],
            usage=usage,
            service_tier="default",
        )
        assert str(ModelResponse.of(core)) == (
            "ModelResponse(id='x', created=1, model='m', object='chat.completion', system_fingerprint=None, "
            "choices=[Choices(finish_reason='tool_calls', index=0, message=Message(content=None, role='assistant', "
            "tool_calls=[ChatCompletionMessageToolCall(function=Function(arguments='{}', name='f'), id='1', "
            "type='function')], function_call=None, provider_specific_fields={'refusal': None}, annotations=[]), "
            "provider_specific_fields={})], usage=Usage(completion_tokens=2, prompt_tokens=1, total_tokens=3, "
            "completion_tokens_details=None, prompt_tokens_details=None), service_tier='default')"
        )

    def test_no_tool_calls_are_none(self):
        core = CoreResponse(choices=[CoreChoice(message=CoreMessage(content="x", tool_calls=[]))])
        assert ModelResponse.of(core).choices[0].message.tool_calls is None

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
