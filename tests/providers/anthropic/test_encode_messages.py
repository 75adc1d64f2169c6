"""Conversations in OpenAI's shape, as Anthropic's system prompt and turns (PROVIDERS.md, facts 4 to 6 and 11 to 14)."""

from __future__ import annotations

import base64

import pytest

from llmclient.errors import InvalidMessageError, RequestError, UnsupportedCapabilityError

pytestmark = pytest.mark.unit

HELLO = {"role": "user", "content": "hello"}
NEWER = "claude-opus-4-8"
MARK = {"type": "ephemeral"}
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


def text(words: str) -> dict:
    return {"type": "text", "text": words}


def call(call_id: str = "c1", name: str = "look", arguments: object = "{}") -> dict:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: dict, content: object = None) -> dict:
    return {"role": "assistant", "content": content, "tool_calls": list(calls or [call()])}


def result(call_id: str = "c1", content: object = "done", **fields) -> dict:
    return {"role": "tool", "tool_call_id": call_id, "content": content, **fields}


def user_parts(turns, *parts: dict, **options) -> list:
    return turns([{"role": "user", "content": list(parts)}], **options)[0]["content"]


# --- fact 4: the system prompt --------------------------------------------------------------------------------------


def test_fact_04_leading_system_and_developer_messages_join_into_the_system_prompt(body):
    sent = body([{"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Rhyme."}, HELLO])
    assert sent["system"] == [text("Be brief."), text("Rhyme.")]
    assert sent["messages"] == [{"role": "user", "content": [text("hello")]}]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "system", "content": [{**text("Long."), "cache_control": MARK}]},
        {"role": "system", "content": "Long.", "cache_control": MARK},
    ],
    ids=["on the part", "on the message"],
)
def test_fact_04_a_system_prompt_keeps_its_cache_control(body, message):
    assert body([message, HELLO])["system"] == [{**text("Long."), "cache_control": MARK}]


def test_fact_04_a_later_system_message_stays_in_place_for_models_that_take_it(body):
    sent = body([HELLO, {"role": "system", "content": "Now rhyme."}], model=NEWER)
    assert "system" not in sent
    assert sent["messages"][1] == {"role": "system", "content": [text("Now rhyme.")]}


def test_fact_04_a_later_system_message_joins_the_system_prompt_for_others(body):
    sent = body([{"role": "system", "content": "Be brief."}, HELLO, {"role": "developer", "content": "Now rhyme."}])
    assert sent["system"] == [text("Be brief."), text("Now rhyme.")]
    assert [turn["role"] for turn in sent["messages"]] == ["user"]


def test_fact_04_a_later_system_message_that_is_hoisted_leaves_a_trace_in_the_log(body, caplog):
    with caplog.at_level("DEBUG", "llmclient.providers.anthropic"):
        body([HELLO, {"role": "system", "content": "Now rhyme."}])
    assert "messages[1] joins the system prompt" in caplog.text


def test_an_empty_system_message_is_not_sent(body):
    assert "system" not in body([{"role": "system", "content": " "}, HELLO])


# --- fact 5: turns --------------------------------------------------------------------------------------------------


def test_fact_05_all_tool_results_go_into_one_user_message_before_any_text(turns):
    said = turns([HELLO, calling(call("a"), call("b")), result("a", "1"), result("b", "2"), HELLO])
    assert [turn["role"] for turn in said] == ["user", "assistant", "user"]
    assert said[2]["content"] == [
        {"type": "tool_result", "tool_use_id": "a", "content": "1"},
        {"type": "tool_result", "tool_use_id": "b", "content": "2"},
        text("hello"),
    ]


def test_fact_05_a_result_that_comes_after_text_is_put_before_it(turns):
    said = turns([HELLO, calling(call("a"), call("b")), result("a"), {"role": "user", "content": "wait"}, result("b")])
    assert [block["type"] for block in said[2]["content"]] == ["tool_result", "tool_result", "text"]


def test_messages_of_one_side_in_a_row_are_one_turn(turns):
    said = turns([HELLO, HELLO, {"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}, HELLO])
    assert [turn["role"] for turn in said] == ["user", "assistant", "user"]
    assert said[1]["content"] == [text("a"), text("b")]


def test_fact_05_a_conversation_may_begin_with_the_assistant_as_recorded_traffic_shows(turns):
    """Recording test_anthropic_model_empty_message_on_history: answered with 200."""
    said = turns([{"role": "assistant", "content": "How can I help?"}, HELLO])
    assert [turn["role"] for turn in said] == ["assistant", "user"]


def test_fact_05_newer_models_reject_a_prefilled_answer_so_it_is_refused_before_sending(turns):
    with pytest.raises(InvalidMessageError, match=r"messages\[1\]: claude-opus-4-8 takes no beginning of its answer"):
        turns([HELLO, {"role": "assistant", "content": "Sure,"}], model=NEWER)


def test_fact_05_older_models_take_a_prefilled_answer(turns):
    assert turns([HELLO, {"role": "assistant", "content": "Sure,"}])[-1]["content"] == [text("Sure,")]


def test_fact_17_a_paused_turn_goes_back_as_the_last_message_to_be_continued(turns):
    blocks = [{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}, text("Searching.")]
    message = {
        "role": "assistant",
        "content": "Searching.",
        "provider_specific_fields": {"content_blocks": blocks},
    }
    assert turns([HELLO, message], model=NEWER)[-1] == {"role": "assistant", "content": blocks}


def test_a_conversation_without_anything_to_answer_is_refused(turns):
    with pytest.raises(InvalidMessageError, match="no message to answer"):
        turns([{"role": "system", "content": "Be brief."}])


def test_a_role_of_the_past_is_refused(turns):
    with pytest.raises(InvalidMessageError, match="no role 'function'"):
        turns([HELLO, {"role": "function", "name": "look", "content": "1"}])


# --- fact 6: tool calls and results ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [("", {}), (None, {}), ("{}", {}), ('{"at": [1]}', {"at": [1]}), ({"at": 1}, {"at": 1})],
)
def test_fact_06_a_tool_call_becomes_tool_use_with_its_arguments_parsed(turns, arguments, expected):
    said = turns([HELLO, calling(call(arguments=arguments), content="Looking."), result()])
    assert said[1]["content"] == [text("Looking."), {"type": "tool_use", "id": "c1", "name": "look", "input": expected}]


@pytest.mark.parametrize("arguments", ["{", "[1]", "7", '"text"', "null"])
def test_fact_06_arguments_that_are_no_json_object_are_refused_before_sending(turns, arguments):
    with pytest.raises(
        InvalidMessageError, match=r"messages\[1\]: arguments of tool call 'c1' \(look\) are no JSON object"
    ):
        turns([HELLO, calling(call(arguments=arguments)), result()])


def test_fact_06_a_tool_message_becomes_a_tool_result_with_its_error_flag(turns):
    said = turns([HELLO, calling(), result(content="no such file", is_error=True, cache_control=MARK)])
    assert said[2]["content"] == [
        {
            "type": "tool_result",
            "tool_use_id": "c1",
            "content": "no such file",
            "is_error": True,
            "cache_control": MARK,
        }
    ]


def test_fact_06_a_tool_result_may_hold_images(turns):
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    said = turns([HELLO, calling(), result(content=[text("see"), image])])
    assert said[2]["content"][0]["content"] == [
        text("see"),
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
    ]


@pytest.mark.parametrize("name", ["", "two words", "dotted.name", "x" * 129])
def test_fact_06_a_called_name_that_anthropic_rejects_is_refused(turns, name):
    with pytest.raises(InvalidMessageError, match="needs an id and a name of letters"):
        turns([HELLO, calling(call(name=name)), result()])


def test_fact_06_a_tool_message_without_an_id_is_refused(turns):
    with pytest.raises(InvalidMessageError, match="needs tool_call_id"):
        turns([HELLO, calling(), {"role": "tool", "content": "done"}])


def test_fact_06_ids_of_other_vendors_are_written_in_the_characters_anthropic_takes(turns):
    said = turns([HELLO, calling(call("functions.look:0")), result("functions.look:0")])
    assert said[1]["content"][0]["id"] == said[2]["content"][0]["tool_use_id"] == "functions_look_0"


def test_fact_06_a_history_with_tool_blocks_has_tools_even_where_the_caller_gives_none(body):
    sent = body([HELLO, calling(), result()])
    assert sent["tools"] == [{"name": "look", "input_schema": {"type": "object"}}]
    assert sent["tool_choice"] == {"type": "none"}, "the caller offered no tools, so none may be called"


# --- fact 12: images, files, audio ----------------------------------------------------------------------------------

PIXEL = base64.b64encode(b"pixel").decode()
PDF = base64.b64encode(b"%PDF-1.7").decode()


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/gif", "image/webp"])
def test_fact_12_a_data_url_is_split_into_a_base64_source(turns, kind):
    part = {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{PIXEL}", "detail": "high"}}
    source = {"type": "base64", "media_type": kind, "data": PIXEL}
    assert user_parts(turns, part) == [{"type": "image", "source": source}]


def test_fact_12_other_spellings_of_a_data_url_are_read(turns):
    jpg = {"type": "image_url", "image_url": f"data:image/jpg;base64,{PIXEL}"}
    plain = {"type": "image_url", "image_url": {"url": "data:image/png,pixel"}}
    assert [block["source"] for block in user_parts(turns, jpg, plain)] == [
        {"type": "base64", "media_type": "image/jpeg", "data": PIXEL},
        {"type": "base64", "media_type": "image/png", "data": PIXEL},
    ]


def test_fact_12_an_address_becomes_a_url_source(turns):
    part = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}, "cache_control": MARK}
    assert user_parts(turns, part) == [
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}, "cache_control": MARK}
    ]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            {"file_data": f"data:application/pdf;base64,{PDF}", "filename": "a.pdf"},
            {"source": {"type": "base64", "media_type": "application/pdf", "data": PDF}, "title": "a.pdf"},
        ),
        (
            {"file_data": "data:text/plain;base64,aMOp"},
            {"source": {"type": "text", "media_type": "text/plain", "data": "hé"}},
        ),
        (
            {"file_data": "data:,two%20words"},
            {"source": {"type": "text", "media_type": "text/plain", "data": "two words"}},
        ),
        (
            {"file_data": "https://example.com/a.pdf"},
            {"source": {"type": "url", "url": "https://example.com/a.pdf"}},
        ),
        ({"file_id": "file_1"}, {"source": {"type": "file", "file_id": "file_1"}}),
    ],
    ids=["pdf", "text", "plain data", "address", "uploaded"],
)
def test_fact_12_a_file_becomes_a_document_block(turns, file, expected):
    assert user_parts(turns, {"type": "file", "file": file}) == [{"type": "document", **expected}]


def test_fact_12_a_file_that_is_an_image_becomes_an_image_block(turns):
    file = {"file_data": f"data:image/png;base64,{PIXEL}", "filename": "a.png"}
    assert user_parts(turns, {"type": "file", "file": file}) == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    ]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            {"type": "input_audio", "input_audio": {"data": "x", "format": "wav"}},
            "audio.*providers that have it: openai",
        ),
        ({"type": "image_url", "image_url": {"url": "data:image/bmp;base64,x"}}, "images of type 'image/bmp'"),
        ({"type": "file", "file": {"file_data": "data:application/zip;base64,x"}}, "files of type 'application/zip'"),
    ],
    ids=["audio", "bmp", "zip"],
)
def test_fact_12_what_anthropic_cannot_take_is_an_error_and_never_left_out(turns, part, words):
    with pytest.raises(UnsupportedCapabilityError, match=words):
        user_parts(turns, text("listen"), part)


def test_fact_12_an_answer_that_was_audio_is_an_error(turns):
    with pytest.raises(UnsupportedCapabilityError, match="audio"):
        turns([HELLO, {"role": "assistant", "content": None, "audio": {"id": "audio_1"}}, HELLO])


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"type": "image_url", "image_url": {"url": "ftp://example.com"}}, "neither an http"),
        ({"type": "image_url", "image_url": {"url": "data:image/png"}}, "no whole data: URL"),
        ({"type": "file", "file": {"filename": "a.pdf"}}, "file_data .* or file_id"),
        ({"text": "no type"}, "has no type"),
        ("bare text", "an object with a type"),
    ],
)
def test_a_part_that_cannot_be_read_is_refused_with_its_position(turns, part, words):
    with pytest.raises(InvalidMessageError, match=rf"messages\[0\].*{words}"):
        user_parts(turns, part)


def test_content_that_is_no_text_and_no_list_is_refused(turns):
    with pytest.raises(InvalidMessageError, match="text or a list of parts, not int"):
        turns([{"role": "user", "content": 7}])


def test_parts_of_anthropics_own_pass_as_they_are(turns):
    upload = {"type": "container_upload", "file_id": "file_1"}
    assert user_parts(turns, text("read"), upload) == [text("read"), upload]


def test_text_keeps_its_citations(turns):
    cited = {**text("4"), "citations": [{"type": "char_location", "cited_text": "4"}]}
    assert user_parts(turns, cited) == [cited]


# --- fact 13: cache marks -------------------------------------------------------------------------------------------


def test_fact_13_cache_control_passes_through_on_parts_messages_and_tools(body):
    hour = {"type": "ephemeral", "ttl": "1h"}
    sent = body(
        [
            {"role": "user", "content": [{**text("a"), "cache_control": hour}, text("b")]},
            {"role": "assistant", "content": "c", "cache_control": MARK},
            {"role": "user", "content": "d", "cache_control": MARK},
        ],
        tools=[{**TOOLS[0], "cache_control": hour}],
    )
    assert [[block.get("cache_control") for block in turn["content"]] for turn in sent["messages"]] == [
        [hour, None],
        [MARK],
        [MARK],
    ]
    assert sent["tools"][0]["cache_control"] == hour


def test_fact_13_more_than_four_cache_marks_are_refused(body):
    parts = [{**text(str(number)), "cache_control": MARK} for number in range(4)]
    assert body([{"role": "user", "content": parts}])
    with pytest.raises(RequestError, match="5 parts are marked with cache_control; anthropic takes 4 at most"):
        body([{"role": "user", "content": parts}], tools=[{**TOOLS[0], "cache_control": MARK}])


def test_a_mark_on_a_message_that_ends_in_thinking_is_left_out(turns):
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    message = {"role": "assistant", "content": None, "thinking_blocks": [thought], "cache_control": MARK}
    assert turns([HELLO, message, HELLO])[1]["content"] == [thought]


# --- fact 14: white space -------------------------------------------------------------------------------------------


def test_fact_14_text_of_white_space_only_is_not_sent(turns):
    assert user_parts(turns, text(" \n"), text("hello"), text("")) == [text("hello")]
    assert [turn["role"] for turn in turns([HELLO, {"role": "assistant", "content": ""}, HELLO])] == ["user"]


def test_fact_14_a_user_message_of_white_space_only_is_refused(turns):
    with pytest.raises(InvalidMessageError, match="white space only"):
        turns("  ")


def test_fact_14_white_space_at_the_end_of_a_final_assistant_message_is_cut(turns):
    assert turns([HELLO, {"role": "assistant", "content": "Sure: \n"}])[-1]["content"] == [text("Sure:")]
    assert turns([HELLO, {"role": "assistant", "content": "Sure: "}, HELLO])[1]["content"] == [text("Sure: ")]


def test_a_refusal_goes_back_as_text(turns):
    part = {"type": "refusal", "refusal": "No."}
    told = [{"role": "assistant", "content": [part]}, {"role": "assistant", "content": None, "refusal": "Never."}]
    assert turns([HELLO, *told, HELLO])[1]["content"] == [text("No."), text("Never.")]


def test_objects_with_the_same_attributes_are_messages(turns):
    from llmclient.types import Message

    assert turns([HELLO, Message(content="Hi."), HELLO])[1]["content"] == [text("Hi.")]
