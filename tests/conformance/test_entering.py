"""Routers come to a door whenever and wherever they were made, without keys."""

from __future__ import annotations

import threading

import pytest

from conformance.observing import DOORS, MODELS, entered
from llmclient import ModelRouter, SyncModelRouter
from llmclient.testing import NoTurnError, script
from llmclient.testing.harness import Harness
from llmclient.testing.reply import Reply
from llmclient.testing.turns import Turn

MADE_AT_IMPORT = {name: SyncModelRouter(model) for name, model in MODELS.items()}
VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GROQ_API_KEY")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def scripted(*replies):
    harness = Harness()
    harness.script.add(*[Turn(action=reply, times=None) for reply in replies])
    return harness


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("model", MODELS)
def test_a_router_made_at_import_is_scripted_and_needs_no_key(door, model):
    with entered(door, scripted(Reply(text="4"))):
        assert MADE_AT_IMPORT[model].complete("2+2?").text == "4"


@pytest.mark.parametrize("door", DOORS)
def test_a_router_in_another_thread_is_scripted(door):
    told = []
    with entered(door, scripted(Reply(text="4"))):
        thread = threading.Thread(target=lambda: told.append(SyncModelRouter(MODELS["openai"]).complete("2+2?").text))
        thread.start()
        thread.join()
    assert told == ["4"]


@pytest.mark.parametrize("door", DOORS)
async def test_sync_and_async_calls_of_one_router_are_scripted(door):
    with entered(door, scripted(Reply(text="4"))):
        async with ModelRouter(MODELS["anthropic"]) as router:
            assert (await router.complete("2+2?")).text == "4"
            assert router.sync.complete("2+2?").text == "4"


@pytest.mark.parametrize("door", DOORS)
async def test_calls_at_the_same_time_each_get_their_own_answer(door):
    import asyncio

    harness = scripted(lambda call: Reply(text=call.text.upper()))
    with entered(door, harness):
        async with ModelRouter(MODELS["openai"]) as router:
            replies = await asyncio.gather(*[router.complete(f"word{number}") for number in range(20)])
    assert [reply.text for reply in replies] == [f"WORD{number}" for number in range(20)]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_call_that_no_turn_answers_fails_with_the_scripts_own_error(door, streamed):
    with script(door=door), SyncModelRouter(MODELS["openai"], fallbacks=[MODELS["anthropic"]]) as router:
        with pytest.raises(NoTurnError, match="has no turn for this call"):
            if streamed:
                with router.stream("2+2?"):
                    pass
            else:
                router.complete("2+2?")


@pytest.mark.parametrize("door", DOORS)
def test_blocks_nest_and_doors_change_within_one(door):
    with script([Turn(action=Reply(text="outer"), times=None)]) as outer, SyncModelRouter(MODELS["openai"]) as router:
        with script([Turn(action=Reply(text="inner"), times=None)], door=door):
            assert router.complete("hi").text == "inner"
        assert router.complete("hi").text == "outer"
        outer.through(door)
        assert router.complete("hi").text == "outer"
        assert outer.calls.last.call.door == door


@pytest.mark.parametrize("door", ["transport", "server"])
def test_a_quota_that_is_used_up_is_waited_for(door):
    with script(door=door) as llm, SyncModelRouter(MODELS["openai"]) as router:
        llm.quota("openai/*", requests=2, per=60)
        llm.on("*").reply("4", times=None)
        for _ in range(2):
            router.complete("hi")
        started = llm.clock.monotonic()
        assert router.complete("hi").text == "4"
        assert llm.clock.monotonic() - started == pytest.approx(60, abs=1)
