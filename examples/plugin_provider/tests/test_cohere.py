"""The provider does what every provider must do, and is found by its entry points: nothing in llmclient knows of it."""

from __future__ import annotations

import pytest
from llmclient_cohere import CohereProvider
from llmclient_cohere.dialect import CohereDialect

from llmclient import ModelRouter, RateLimitError, SyncModelRouter, UnsupportedParameterError, list_providers
from llmclient.testing import RateLimit, script, tool_call
from llmclient.testing.conformance import ProviderConformance

MODEL = "cohere/command-a-03-2025"


class TestCohere(ProviderConformance):
    name = "cohere"
    model = "command-a-03-2025"
    factory = CohereProvider
    dialect = CohereDialect()


def test_it_is_found() -> None:
    assert "cohere" in list_providers()


@pytest.mark.parametrize("door", ["provider", "transport", "server"])
async def test_scripts_play_it_at_every_door(door: str) -> None:
    with script(door=door) as llm:
        calls = [tool_call("look", at="x"), tool_call("look", at="y")]
        llm.on(MODEL).fail(RateLimit(retry_after=2)).reply(tool_calls=calls, reasoning="hm, so")
        async with ModelRouter(MODEL) as router, router.stream("hello") as stream:
            async for _ in stream:
                pass
    reply = stream.response
    assert [type(attempt.error) for attempt in reply.attempts] == [RateLimitError, type(None)]
    assert [call.arguments for call in reply.tool_calls] == [{"at": "x"}, {"at": "y"}]
    assert reply.reasoning == "hm, so"
    assert llm.clock.sleeps == [2.0]


def sent(**params: object) -> dict[str, object]:
    with script(door="transport") as llm, SyncModelRouter(MODEL) as router:
        llm.on(MODEL).reply("hi")
        router.complete([{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hi"}], **params)
    return dict(llm.calls[0].call.body)


def test_a_request_is_put_in_coheres_words() -> None:
    schema = {"type": "object", "properties": {}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = sent(top_p=0.5, stop="END", max_completion_tokens=9, tool_choice="required", response_format=wanted)
    assert body == {
        "model": "command-a-03-2025",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "p": 0.5,
        "stop_sequences": ["END"],
        "max_tokens": 9,
        "tool_choice": "REQUIRED",
        "response_format": {"type": "json_object", "json_schema": schema},
    }


def test_what_cohere_has_no_place_for_is_an_error_or_a_logged_drop(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UnsupportedParameterError, match="cohere takes no parameter 'logit_bias'"):
        sent(logit_bias={"1": 1})
    assert "logit_bias" not in sent(logit_bias={"1": 1}, drop_unsupported=True)
    assert "left out 'logit_bias'" in caplog.text
