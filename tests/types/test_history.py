"""A conversation may be a string, dictionaries, or objects with the same attributes; all become plain dictionaries."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from openai.types.chat import ChatCompletionMessage

from llmclient import InvalidMessageError, Message, ModelResponse
from llmclient.types import normalize_messages

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def test_a_string_is_one_user_message():
    assert normalize_messages("hi") == [{"role": "user", "content": "hi"}]


def test_dictionaries_are_taken_as_they_are_and_copied():
    message = {"role": "user", "content": [{"type": "text", "text": "hi"}], "mood": "good"}
    taken = normalize_messages([message])
    assert taken == [message]
    assert taken[0] is not message


def test_our_own_message_goes_back_into_history():
    blocks = [{"type": "thinking", "thinking": "hm", "signature": "s"}]
    reply = ModelResponse.model_validate(
        {
            "choices": [
                {"message": {"content": None, "tool_calls": [CALL], "thinking_blocks": blocks, "annotations": []}}
            ]
        }
    )
    assert normalize_messages([reply.message]) == [
        {"role": "assistant", "content": None, "thinking_blocks": blocks, "tool_calls": [CALL]}
    ]


def test_the_sdks_message_goes_back_into_history():
    theirs = ChatCompletionMessage.model_validate({"role": "assistant", "content": "x", "tool_calls": [CALL]})
    assert normalize_messages([theirs]) == [{"role": "assistant", "content": "x", "tool_calls": [CALL]}]


def test_a_look_alike_goes_into_history():
    function = SimpleNamespace(name="f", arguments="{}")
    call = SimpleNamespace(id="call_1", function=function)
    audio = SimpleNamespace(id="audio_1")
    look_alike = SimpleNamespace(role="assistant", content="x", tool_calls=[call, CALL], audio=audio)
    assert normalize_messages((look_alike,)) == [
        {"role": "assistant", "content": "x", "tool_calls": [CALL, CALL], "audio": {"id": "audio_1"}}
    ]


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([], "empty"),
        ([{"role": "wizard", "content": "x"}], "messages[0]: role 'wizard'"),
        ([{"content": "x"}], "messages[0]: role None"),
        ([{"role": "user", "content": "x"}, 7], "messages[1]: 'int' is no message"),
        ({"role": "user", "content": "x"}, "not dict"),
        (7, "not int"),
    ],
)
def test_what_is_no_conversation_is_named_with_its_place(messages, said):
    with pytest.raises(InvalidMessageError) as caught:
        normalize_messages(messages)
    assert said in str(caught.value)


def test_a_message_is_a_value_of_our_own_too():
    assert Message(role="user", content="hi").text == "hi"
