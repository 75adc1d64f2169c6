"""A miss explains itself, and nothing between the transport and the test gets in its way."""

from __future__ import annotations

import asyncio
import threading

import pytest
from test_matching import BASE, ask, httpx, recordings

from clients import CLIENTS, KEY, require, talk
from llmclient import Deployment, ModelRouter, SyncModelRouter
from llmclient.providers.registry import current_clock
from llmclient.testing.cassettes import CassetteMissError, cassette
from llmclient.testing.clock import VirtualClock


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("client", CLIENTS)
def test_no_sdk_retries_or_masks_a_miss(client, stream, live, tmp_path):
    require(client)
    with cassette(tmp_path / "c.yaml", mode="none") as deck, pytest.raises(CassetteMissError):
        talk(client, live.url, "hello", stream=stream)
    assert len(deck.misses) == 1
    assert not live.hits


def test_the_async_router_lets_a_miss_through(tmp_path):
    async def main():
        async with ModelRouter("openai/gpt-5-mini", fallbacks=["anthropic/claude-haiku-4-5"]) as router:
            await router.complete("hello")

    with cassette(tmp_path / "c.yaml", mode="none") as deck, pytest.raises(CassetteMissError, match="gpt-5-mini"):
        asyncio.run(main())
    assert len(deck.misses) == 1


def test_the_sync_router_lets_a_miss_through(tmp_path):
    with cassette(tmp_path / "c.yaml", mode="none") as deck, SyncModelRouter("openai/gpt-5-mini") as router:
        with pytest.raises(CassetteMissError, match='last message "hello"'):
            router.complete("hello")
    assert len(deck.misses) == 1


def test_gathered_tasks_let_a_miss_through(tmp_path):
    async def main():
        async with ModelRouter("openai/gpt-5-mini") as router:
            await asyncio.gather(router.complete("one"), router.complete("two"))

    with cassette(tmp_path / "c.yaml", mode="none"), pytest.raises(CassetteMissError):
        asyncio.run(main())


def test_it_shows_the_nearest_recording_the_difference_and_the_command(tmp_path):
    asked = {**BASE, "messages": [{"role": "user", "content": "hi there"}], "top_p": 0.5}
    path = recordings(tmp_path / "c.yaml", [{"model": "another", "messages": []}, BASE])
    with cassette(path, mode="none"), httpx().Client() as client, pytest.raises(CassetteMissError) as caught:
        ask(client, asked)
    assert caught.value.nearest == 2
    assert caught.value.differences == (
        '- messages[0].content: "hi"',
        '+ messages[0].content: "hi there"',
        "+ top_p: 0.5",
    )
    text = str(caught.value)
    assert text.startswith("no recording for this request: POST https://api.openai.com/v1/chat/completions")
    assert "2 recordings, 0 used; record mode 'none'; matched on llm" in text
    assert text.endswith(f"to record it: cassette('{path}', mode=\"new_episodes\")")


def test_a_long_difference_is_cut_around_the_place_that_differs(tmp_path):
    long = "x" * 5000
    recorded = {"model": "m", "messages": [{"role": "user", "content": f"{long} Rome {long}"}]}
    asked = {"model": "m", "messages": [{"role": "user", "content": f"{long} Oslo {long}"}]}
    path = recordings(tmp_path / "c.yaml", [recorded])
    with cassette(path, mode="none"), httpx().Client() as client, pytest.raises(CassetteMissError) as caught:
        ask(client, asked)
    assert "Rome" in caught.value.differences[0]
    assert "Oslo" in caught.value.differences[1]
    assert len(str(caught.value)) < 1500


def test_an_empty_cassette_says_that_the_file_does_not_exist(tmp_path):
    with cassette(tmp_path / "c.yaml", mode="none"), httpx().Client() as client:
        with pytest.raises(CassetteMissError, match="the file does not exist"):
            ask(client, BASE)


def test_waiting_takes_no_time_while_a_cassette_is_replayed_and_is_real_again_afterwards(tmp_path):
    path = recordings(tmp_path / "c.yaml", [BASE])
    before = current_clock()
    with cassette(path, mode="none"):
        clock = current_clock()
        start = clock.monotonic(), clock.now()
        clock.sleep(1000.0)
        asyncio.run(clock.async_sleep(1000.0))
        assert not clock.wait(threading.Event(), 1000.0)
        assert clock.monotonic() - start[0] >= 3000.0
        assert clock.now() - start[1] >= 3000.0
    assert current_clock() is before


def test_a_recorded_retry_replays_through_the_router_without_waiting(live, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", f"{live.url}/v1")

    def call(**options):
        with SyncModelRouter(Deployment("openai/gpt-5-mini", api_key=KEY), **options) as router:
            return router.complete("too fast")

    with cassette(tmp_path / "c.yaml"):
        recorded = call(clock=VirtualClock())
    with cassette(tmp_path / "c.yaml", mode="none", strict=True):
        replayed = call()
    assert [attempt.status_code for attempt in replayed.attempts] == [429, 200]
    assert [round(reply.attempts[1].waited) for reply in (recorded, replayed)] == [7, 7]  # of virtual time
    assert replayed.text == "echo too fast"


def test_a_replayed_stream_keeps_its_time_on_a_virtual_clock(live, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", f"{live.url}/v1")
    path = tmp_path / "c.yaml"
    with cassette(path), SyncModelRouter(Deployment("openai/m", api_key=KEY)) as router:
        with router.stream("one two") as stream:
            list(stream)
    text = path.read_text("utf-8")
    chunks = text.partition('chunks: "')[2].partition('"')[0].split()
    paced = " ".join(f"{number + 2}.500:{chunk.partition(':')[2]}" for number, chunk in enumerate(chunks))
    after = text.partition("after: ")[2].partition("\n")[0]
    path.write_text(text.replace(" ".join(chunks), paced).replace(f"after: {after}", "after: 2.0"), encoding="utf-8")
    clock = VirtualClock()
    with cassette(path, mode="none", clock=clock), SyncModelRouter("openai/m") as router:
        with router.stream("one two") as stream:
            list(stream)
    assert clock.sleeps == [2.0, 0.5, *[1.0] * (len(chunks) - 1)]
