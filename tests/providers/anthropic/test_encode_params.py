"""OpenAI's parameters in Anthropic's terms (PROVIDERS.md, facts 1, 2, 7 to 10, 15 and 29)."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from llmclient.costs import max_output_tokens
from llmclient.errors import RequestError, UnsupportedParameterError
from llmclient.providers.anthropic.encode import encode_request
from llmclient.types import ChatRequest

pytestmark = pytest.mark.unit

OLDER = "claude-sonnet-4-5"
OLDEST = "claude-3-5-haiku-20241022"
NEWER = "claude-opus-4-8"
LOGGER = "llmclient.providers.anthropic"

TOOL = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Looks.",
        "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
    },
}
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "number", "schema": SCHEMA}}


def refused(body, parameter: str, **call) -> UnsupportedParameterError:
    with pytest.raises(UnsupportedParameterError) as caught:
        body(**call)
    assert (caught.value.provider, caught.value.parameter) == ("anthropic", parameter)
    return caught.value


# --- facts 1 and 2: sampling and the limit --------------------------------------------------------------------------


def test_fact_01_sampling_parameters_go_in_the_body(body):
    sent = body(temperature=0.3, top_p=0.9, top_k=40)
    assert (sent["temperature"], sent["top_p"], sent["top_k"]) == (0.3, 0.9, 40)


@pytest.mark.parametrize("temperature", [1.01, 2, -0.1, "hot"])
def test_fact_01_a_temperature_above_1_is_an_error_and_never_scaled(body, temperature):
    error = refused(body, "temperature", temperature=temperature)
    assert "its range is 0 to 1" in str(error)


def test_fact_01_a_temperature_above_1_can_be_left_out_with_a_log_line(body, caplog):
    with caplog.at_level(logging.WARNING, LOGGER):
        assert "temperature" not in body(temperature=1.5, drop_unsupported=True)
    assert "left out 'temperature'" in caplog.text
    assert {record.name for record in caplog.records} == {LOGGER}


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_fact_01_some_models_take_no_sampling_parameters(body, name):
    refused(body, name, model=NEWER, **{name: 0.5})
    assert name not in body(model=NEWER, **{name: 1}), "the value that changes nothing"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"max_tokens": 100}, 100),
        ({"max_completion_tokens": 200}, 200),
        ({"max_tokens": 100, "max_completion_tokens": 200}, 200),
        ({}, 4096),
        ({"limit": 8192}, 8192),
        ({"limit": 64_000, "stream": True}, 64_000),
        ({"limit": 64_000, "max_tokens": 100}, 100),
    ],
)
def test_fact_02_max_tokens_is_always_sent(body, params, expected):
    assert body(**params)["max_tokens"] == expected


def test_fact_02_a_plain_call_asks_by_default_for_no_more_than_a_plain_call_may(body):
    """The default must not turn the call into a stream (fact 3)."""
    assert body(limit=64_000)["max_tokens"] == 21_333


def test_fact_02_the_limit_comes_from_the_price_table():
    request = ChatRequest(model="claude-sonnet-4-5", messages=[{"role": "user", "content": "hi"}], stream=True)
    assert encode_request(request).body["max_tokens"] == max_output_tokens("anthropic/claude-sonnet-4-5") > 4096
    nobodys = replace(request, model="claude-of-nobody")
    assert encode_request(nobodys).body["max_tokens"] == 4096


# --- fact 7: tools and the choice among them ------------------------------------------------------------------------


def test_fact_06_a_function_becomes_a_tool(body):
    assert body(tools=[TOOL])["tools"] == [
        {"name": "look", "description": "Looks.", "input_schema": TOOL["function"]["parameters"]}
    ]


def test_a_function_without_parameters_takes_an_empty_object(body):
    assert body(tools=[{"type": "function", "function": {"name": "now"}}])["tools"] == [
        {"name": "now", "input_schema": {"type": "object"}}
    ]


def test_a_strict_function_has_a_closed_schema(body):
    function = {**TOOL["function"], "strict": True}
    (tool,) = body(tools=[{"type": "function", "function": function}])["tools"]
    assert tool["strict"] is True
    assert tool["input_schema"]["additionalProperties"] is False


def test_tools_of_anthropics_own_and_their_fields_pass_as_they_are(body):
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}
    bare = {"name": "look", "input_schema": {"type": "object"}}
    deferred = {**TOOL, "defer_loading": True}
    sent = body(tools=[search, bare, deferred])["tools"]
    assert sent[:2] == [search, bare]
    assert sent[2]["defer_loading"] is True


@pytest.mark.parametrize("name", ["", "two words", "dotted.name", "x" * 129])
def test_fact_06_a_name_that_anthropic_rejects_is_refused(body, name):
    with pytest.raises(RequestError, match=r"tools\[0\]: the name"):
        body(tools=[{"type": "function", "function": {"name": name}}])


def test_an_entry_that_is_no_tool_is_refused(body):
    with pytest.raises(RequestError, match=r"tools\[0\]: a tool is an object, not str"):
        body(tools=["look"])


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "look"}}, {"type": "tool", "name": "look"}),
        ({"type": "tool", "name": "look"}, {"type": "tool", "name": "look"}),
    ],
)
def test_fact_07_tool_choice_is_said_in_anthropics_words(body, choice, expected):
    assert body(tools=[TOOL], tool_choice=choice)["tool_choice"] == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, {"type": "auto", "disable_parallel_tool_use": True}),
        ("auto", {"type": "auto", "disable_parallel_tool_use": True}),
        ("required", {"type": "any", "disable_parallel_tool_use": True}),
        (
            {"type": "function", "function": {"name": "look"}},
            {"type": "tool", "name": "look", "disable_parallel_tool_use": True},
        ),
        ("none", {"type": "none"}),
    ],
)
def test_fact_07_parallel_calls_are_turned_off_where_that_exists(body, choice, expected):
    sent = body(tools=[TOOL], parallel_tool_calls=False, **({"tool_choice": choice} if choice else {}))
    assert sent["tool_choice"] == expected


def test_fact_07_parallel_calls_are_what_is_done_anyway(body):
    assert "tool_choice" not in body(tools=[TOOL], parallel_tool_calls=True)


@pytest.mark.parametrize("choice", ["sometimes", 7, {"type": "allowed_tools"}])
def test_a_choice_that_nobody_knows_is_refused(body, choice):
    with pytest.raises(RequestError, match="none of auto, required, none"):
        body(tools=[TOOL], tool_choice=choice)


def test_a_choice_that_asks_for_nothing_is_left_out_where_there_are_no_tools(body):
    assert "tool_choice" not in body(tool_choice="auto", parallel_tool_calls=False)
    assert body(tool_choice="required")["tool_choice"] == {"type": "any"}, "the provider says that it needs tools"


@pytest.mark.parametrize(
    ("parameter", "thinking"),
    [
        ("reasoning_effort", {"reasoning_effort": "high"}),
        ("thinking", {"thinking": {"type": "enabled", "budget_tokens": 2048}}),
    ],
)
def test_fact_07_a_forced_choice_excludes_thinking(body, parameter, thinking):
    forced = {"tools": [TOOL], "tool_choice": "required", **thinking}
    assert "a forced tool excludes thinking" in str(refused(body, parameter, **forced))
    sent = body(**forced, drop_unsupported=True)
    assert "thinking" not in sent
    assert sent["tool_choice"] == {"type": "any"}
    assert body(tools=[TOOL], tool_choice="auto", **thinking)["thinking"]["type"] == "enabled"


def test_fact_07_some_models_cannot_be_forced(body):
    forced = {"model": "claude-opus-5-5", "tools": [TOOL], "tool_choice": {"type": "tool", "name": "look"}}
    assert "cannot be forced" in str(refused(body, "tool_choice", **forced))
    assert body(**forced, drop_unsupported=True)["tool_choice"] == {"type": "auto"}


# --- fact 8: stop ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stop", "expected"), [("END", ["END"]), (["a", "b"], ["a", "b"]), (("a",), ["a"])])
def test_fact_08_stop_becomes_a_list_of_stop_sequences(body, stop, expected):
    sent = body(stop=stop)
    assert sent["stop_sequences"] == expected
    assert "stop" not in sent


def test_fact_08_entries_of_white_space_only_are_refused(body):
    refused(body, "stop", stop=["END", "\n\n"])
    assert body(stop=["END", "\n\n"], drop_unsupported=True)["stop_sequences"] == ["END"]
    assert "stop_sequences" not in body(stop="\n", drop_unsupported=True)


# --- fact 9: output in a format -------------------------------------------------------------------------------------


def test_fact_09_a_json_schema_becomes_the_output_format(body):
    sent = body(response_format=FORMAT)
    assert sent["output_config"]["format"] == {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {"n": {"type": "integer", "description": "(minimum: 1)"}},
            "required": ["n"],
            "additionalProperties": False,
        },
    }
    assert "response_format" not in sent


def test_fact_09_a_schema_in_anthropics_own_shape_is_taken_too(body):
    assert body(response_format={"type": "json_schema", "schema": SCHEMA}) == body(response_format=FORMAT)


def test_fact_09_the_output_format_stands_beside_what_the_caller_configures(body):
    sent = body(response_format=FORMAT, output_config={"effort": "low"})
    assert set(sent["output_config"]) == {"effort", "format"}


def test_fact_09_older_models_answer_through_a_forced_tool(encode):
    encoded = encode(model=OLDEST, response_format=FORMAT)
    (tool,) = encoded.body["tools"]
    assert (tool["name"], encoded.answer_tool) == ("number", "number")
    assert tool["input_schema"]["additionalProperties"] is False
    assert encoded.body["tool_choice"] == {"type": "tool", "name": "number"}


def test_fact_09_the_tool_of_the_answer_stands_beside_the_callers_tools(encode):
    named = {"type": "json_schema", "json_schema": {"name": "look", "schema": SCHEMA}}
    encoded = encode(model=OLDEST, response_format=named, tools=[TOOL], tool_choice="auto", parallel_tool_calls=False)
    assert [tool["name"] for tool in encoded.body["tools"]] == ["look", "answer_in_json"]
    assert encoded.body["tool_choice"] == {"type": "any", "disable_parallel_tool_use": True}
    assert encoded.answer_tool == "answer_in_json"


def test_fact_09_the_tool_of_the_answer_is_forced_where_only_the_history_has_tools(encode):
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    history = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "1"},
    ]
    encoded = encode(history, model=OLDEST, response_format=FORMAT)
    assert [tool["name"] for tool in encoded.body["tools"]] == ["look", "number"]
    assert encoded.body["tool_choice"] == {"type": "tool", "name": "number"}


@pytest.mark.parametrize(
    ("form", "extra", "why"),
    [
        (FORMAT, {"tools": [TOOL], "tool_choice": "none"}, "which tool_choice excludes"),
        ({"type": "json_schema", "json_schema": {"schema": {"type": "array"}}}, {}, "answers in objects only"),
    ],
)
def test_fact_09_what_older_models_cannot_do_is_refused(body, form, extra, why):
    error = refused(body, "response_format", model=OLDEST, response_format=form, **extra)
    assert why in str(error)
    assert body(model=OLDEST, response_format=form, **extra, drop_unsupported=True)


def test_fact_09_json_object_is_said_in_the_prompt(body):
    sent = body(
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "?"}],
        response_format={"type": "json_object"},
    )
    assert len(sent["system"]) == 2
    assert "one valid JSON object" in sent["system"][1]["text"]


def test_text_is_the_format_anyway(body):
    assert body(response_format={"type": "text"}) == body()


@pytest.mark.parametrize(
    ("form", "words"),
    [({"type": "json_schema", "json_schema": {"name": "n"}}, "has no schema"), ({"type": "xml"}, "none of text")],
)
def test_a_format_that_cannot_be_read_is_refused(body, form, words):
    with pytest.raises(RequestError, match=words):
        body(response_format=form)


# --- fact 10: reasoning ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "effort", "level"),
    [
        ("claude-opus-4-8", "low", "low"),
        ("claude-opus-4-8", "xhigh", "xhigh"),
        ("claude-opus-4-8", "max", "max"),
        ("claude-opus-4-8", "minimal", "low"),
        ("claude-opus-4-6", "max", "max"),
        ("claude-opus-4-6", "xhigh", "high"),  # recorded: "Supported levels: high, low, max, medium."
        ("claude-sonnet-5", "medium", "medium"),
    ],
)
def test_fact_10_newer_models_think_by_themselves_at_a_level_of_effort(body, model, effort, level):
    sent = body(model=model, reasoning_effort=effort)
    assert sent["thinking"]["type"] == "adaptive"
    assert sent["output_config"] == {"effort": level}
    assert "reasoning_effort" not in sent


def test_fact_10_a_level_that_a_model_lacks_is_replaced_with_a_log_line(body, caplog):
    with caplog.at_level(logging.WARNING, LOGGER):
        body(model="claude-opus-4-6", reasoning_effort="xhigh")
    assert "no effort 'xhigh'; 'high' is sent" in caplog.text


def test_fact_10_thinking_is_shown_where_a_model_would_hide_it(body):
    assert body(model="claude-opus-4-8", reasoning_effort="low")["thinking"]["display"] == "summarized"
    assert "display" not in body(model="claude-opus-4-6", reasoning_effort="low")["thinking"]


@pytest.mark.parametrize(
    ("effort", "max_tokens", "budget"),
    [
        ("minimal", 4096, 1024),
        ("low", 8192, 2048),
        ("medium", 60_000, 8192),
        ("high", 60_000, 16_384),
        ("xhigh", 60_000, 24_576),
        ("high", 4096, 2048),
        ("high", 1500, 1024),
    ],
)
def test_fact_10_older_models_think_within_a_budget_below_max_tokens(body, effort, max_tokens, budget):
    sent = body(model=OLDER, reasoning_effort=effort, max_tokens=max_tokens)
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert 1024 <= budget < sent["max_tokens"]
    assert "output_config" not in sent


def test_fact_10_the_default_limit_leaves_room_for_the_budget(body):
    sent = body(model=OLDER, reasoning_effort="high")
    assert sent["max_tokens"] == sent["thinking"]["budget_tokens"] + 4096
    known = body(model=OLDER, reasoning_effort="high", limit=64_000)
    assert (known["thinking"]["budget_tokens"], known["max_tokens"]) == (16_384, 21_333)


def test_fact_10_a_budget_has_to_fit_below_max_tokens(body):
    assert "leaves no room" in str(
        refused(body, "reasoning_effort", model=OLDER, reasoning_effort="low", max_tokens=1024)
    )
    assert "thinking" not in body(model=OLDER, reasoning_effort="low", max_tokens=1024, drop_unsupported=True)


@pytest.mark.parametrize(
    ("model", "expected"),
    [(NEWER, {"type": "disabled"}), (OLDER, None), (OLDEST, None)],
)
def test_fact_10_no_effort_is_no_thinking(body, model, expected):
    assert body(model=model, reasoning_effort="none").get("thinking") == expected


@pytest.mark.parametrize(
    ("model", "effort", "why"),
    [
        ("claude-fable-5", "none", "cannot stop thinking"),
        (OLDEST, "low", "does not reason"),
        (NEWER, "enormous", "none of none, minimal"),
    ],
)
def test_fact_10_what_a_model_cannot_do_is_refused(body, model, effort, why):
    assert why in str(refused(body, "reasoning_effort", model=model, reasoning_effort=effort))
    assert "thinking" not in body(model=model, reasoning_effort=effort, drop_unsupported=True)


def test_fact_10_thinking_in_anthropics_own_words_wins(body):
    own = {"type": "enabled", "budget_tokens": 2000}
    assert body(model=OLDER, thinking=own, reasoning_effort="high", max_tokens=30_000)["thinking"] == own
    sent = body(model="claude-opus-4-6", thinking=own, reasoning_effort="high", output_config={"effort": "low"})
    assert (sent["thinking"], sent["output_config"]) == (own, {"effort": "low"})


def test_fact_10_the_default_limit_leaves_room_for_a_budget_of_the_callers_own(body):
    sent = body(model=OLDER, thinking={"type": "enabled", "budget_tokens": 10_000})
    assert sent["max_tokens"] == 14_096
    large = {"type": "enabled", "budget_tokens": 30_000}
    assert body(model=OLDER, thinking=large, limit=64_000)["max_tokens"] == 34_096
    assert body(model=OLDER, thinking=large, limit=32_000)["max_tokens"] == 32_000


THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}


def tool_round(*thinking: dict) -> list[dict]:
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    return [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": None, "tool_calls": [call], "thinking_blocks": list(thinking)},
        {"role": "tool", "tool_call_id": "c", "content": "1"},
    ]


def test_fact_11_after_a_fallback_inside_a_round_of_tools_the_call_goes_without_a_thinking_budget(body, caplog):
    """Anthropic insists on a thinking block before the calls, and another vendor's calls have none."""
    asked = {"model": OLDER, "tools": [TOOL], "reasoning_effort": "low"}
    with caplog.at_level(logging.WARNING, LOGGER):
        assert "thinking" not in body(tool_round(), **asked)
    assert "goes on without thinking" in caplog.text
    assert body(tool_round(THOUGHT), **asked)["thinking"]["type"] == "enabled"
    assert body([*tool_round(), {"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}], **asked)[
        "thinking"
    ]
    assert body(tool_round(), **{**asked, "model": NEWER})["thinking"]["type"] == "adaptive"


def test_thinking_of_the_callers_own_is_left_to_the_caller(body):
    own = {"type": "enabled", "budget_tokens": 2048}
    assert body(tool_round(), model=OLDER, tools=[TOOL], thinking=own)["thinking"] == own


# --- fact 15: who asks ----------------------------------------------------------------------------------------------


def test_fact_15_user_becomes_the_user_id_of_metadata(body):
    assert body(user="u-7f3a")["metadata"] == {"user_id": "u-7f3a"}
    assert body(safety_identifier="s-1")["metadata"] == {"user_id": "s-1"}
    assert body(user="u-1", safety_identifier="s-1")["metadata"] == {"user_id": "u-1"}


@pytest.mark.parametrize("user", ["jane@example.com", "+1 (555) 010-9999", "5550109999"])
def test_fact_15_an_e_mail_address_or_a_telephone_number_is_not_sent(body, user):
    refused(body, "user", user=user)
    assert "metadata" not in body(user=user, drop_unsupported=True)


def test_fact_15_metadata_is_user_id_only(body):
    assert body(metadata={"user_id": "u-1"})["metadata"] == {"user_id": "u-1"}
    refused(body, "metadata", metadata={"user_id": "u-1", "trace": "t"})
    assert body(metadata={"trace": "t", "user_id": "u"}, drop_unsupported=True)["metadata"] == {"user_id": "u"}
    assert body(metadata={"user_id": "m"}, user="u")["metadata"] == {"user_id": "m"}


# --- parameters without a place, and all others ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("seed", 7),
        ("presence_penalty", 0.5),
        ("frequency_penalty", 0.5),
        ("logit_bias", {"50256": -100}),
        ("logprobs", True),
        ("top_logprobs", 3),
        ("modalities", ["text", "audio"]),
        ("audio", {"voice": "alloy", "format": "wav"}),
        ("prediction", {"type": "content", "content": "x"}),
        ("verbosity", "high"),
        ("store", True),
        ("prompt_cache_key", "k"),
        ("web_search_options", {}),
        ("functions", []),
        ("function_call", "auto"),
        ("system", "Be brief."),
    ],
)
def test_a_parameter_without_a_place_is_refused_or_left_out_with_a_log_line(body, caplog, name, value):
    refused(body, name, **{name: value})
    with caplog.at_level(logging.WARNING, LOGGER):
        assert body(**{name: value}, drop_unsupported=True) == body()
    assert f"left out {name!r}" in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 1),
        ("presence_penalty", 0),
        ("frequency_penalty", 0.0),
        ("logprobs", False),
        ("modalities", ["text"]),
        ("store", False),
        ("seed", None),
        ("temperature", None),
        ("stream_options", {"include_usage": True}),
    ],
)
def test_a_value_that_asks_for_nothing_is_no_error(body, name, value):
    assert body(**{name: value}) == body()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("service_tier", "standard_only"),
        ("container", "container_1"),
        ("mcp_servers", [{"type": "url", "url": "https://example.com"}]),
        ("context_management", {"edits": []}),
        ("thinking", {"type": "enabled", "budget_tokens": 2048}),
        ("cache_control", {"type": "ephemeral"}),
        ("of_the_future", {"a": 1}),
    ],
)
def test_fact_29_parameters_that_are_not_openais_travel_as_they_are(body, name, value):
    assert body(**{name: value}, max_tokens=4096)[name] == value


def test_extra_body_is_merged_last(body):
    sent = body(max_tokens=10, extra_body={"max_tokens": 20, "speed": "fast", "n": 2})
    assert (sent["max_tokens"], sent["speed"], sent["n"]) == (20, "fast", 2)


def test_a_streamed_request_says_so(body):
    assert body(stream=True)["stream"] is True
    assert "stream" not in body()


@pytest.mark.parametrize(
    ("given", "headers", "expected"),
    [
        (["a-2025", "b-2025"], {}, {"anthropic-beta": "a-2025,b-2025"}),
        ("a-2025", {}, {"anthropic-beta": "a-2025"}),
        (["b"], {"Anthropic-Beta": "a, b", "x": "y"}, {"Anthropic-Beta": "a,b", "x": "y"}),
        (None, {"x": "y"}, {"x": "y"}),
    ],
)
def test_betas_go_into_their_header(encode, given, headers, expected):
    encoded = encode(betas=given, extra_headers=headers)
    assert encoded.headers == expected
    assert "betas" not in encoded.body


def test_the_body_is_json_and_the_request_is_left_as_it_was(body):
    messages = [{"role": "user", "content": [{"type": "text", "text": "a"}]}]
    config, tools = {"effort": "low"}, [TOOL]
    before = json.dumps([messages, config, tools])
    assert json.dumps(body(messages, output_config=config, tools=tools, response_format=FORMAT))
    assert json.dumps([messages, config, tools]) == before
