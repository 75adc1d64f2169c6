"""Which recording answers a request: by meaning, each its own, in any order, however many there are."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import random
import threading

import pytest

from clients import talk
from llmclient.testing.cassettes import CassetteMissError, cassette
from llmclient.testing.cassettes.layout import write_interactions

BASE = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "temperature": 0.7, "n": 1}

SAME = {
    "key order": {"n": 1, "temperature": 0.7, "messages": [{"content": "hi", "role": "user"}], "model": "m"},
    "user": {**BASE, "user": "u-1"},
    "metadata": {**BASE, "metadata": {"trace": 1}},
    "stream options": {**BASE, "stream_options": {"include_usage": True}},
    "no stream": {**BASE, "stream": False},
    "null": {**BASE, "tools": None},
    "spelling of a number": {**BASE, "n": 1.0, "temperature": 0.70},
    "last digits of a float": {**BASE, "temperature": 0.7000000001},
}
OTHER = {
    "text": {**BASE, "messages": [{"role": "user", "content": "ho"}]},
    "model": {**BASE, "model": "m2"},
    "number": {**BASE, "temperature": 0.8},
    "integer": {**BASE, "n": 2},
    "stream": {**BASE, "stream": True},
    "another field": {**BASE, "seed": 1},
    "a name inside a message": {**BASE, "messages": [{"role": "user", "content": "hi", "user": "x"}]},
}


def httpx():
    """The flavour that is installed: openai 3 and anthropic 2 bring httpx2, the older ones httpx."""
    return importlib.import_module("httpx2" if importlib.util.find_spec("httpx2") else "httpx")


def recordings(path, bodies, *, uri="https://api.openai.com/v1/chat/completions"):
    interactions = [
        {
            "request": {"method": "POST", "uri": uri, "headers": {}, "body": json.dumps(body)},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"content-type": ["application/json"]},
                "body": {"string": json.dumps({"answer": number})},
            },
        }
        for number, body in enumerate(bodies)
    ]
    path.write_text(write_interactions(interactions), encoding="utf-8")
    return path


def ask(client, body, url="https://api.openai.com/v1/chat/completions", **options):
    return client.post(url, json=body, **options).json()["answer"]


@pytest.mark.parametrize("what", SAME)
def test_what_does_not_change_the_meaning_does_not_matter(what, tmp_path):
    path = recordings(tmp_path / "c.yaml", [BASE])
    with cassette(path, mode="none"), httpx().Client() as client:
        assert ask(client, SAME[what]) == 0


@pytest.mark.parametrize("what", OTHER)
def test_what_changes_the_meaning_is_a_miss(what, tmp_path):
    path = recordings(tmp_path / "c.yaml", [BASE])
    with cassette(path, mode="none"), httpx().Client() as client, pytest.raises(CassetteMissError):
        ask(client, OTHER[what])


def test_headers_and_the_port_do_not_matter_and_the_path_does(tmp_path):
    path = recordings(tmp_path / "c.yaml", [BASE])
    with cassette(path, mode="none", allow_playback_repeats=True), httpx().Client() as client:
        assert ask(client, BASE, "https://api.openai.com:8443/v1/chat/completions", headers={"x-any": "1"}) == 0
        with pytest.raises(CassetteMissError):
            ask(client, BASE, "https://api.openai.com/v1/other")


def test_more_paths_can_be_ignored(tmp_path):
    noisy = {"model": "m", "messages": [{"role": "user", "content": "hi", "id": 1}], "extra": {"trace": {"id": 2}}}
    quiet = {"model": "m", "messages": [{"role": "user", "content": "hi", "id": 5}], "extra": {"trace": {"id": 6}}}
    path = recordings(tmp_path / "c.yaml", [noisy])
    with cassette(path, mode="none", ignore=["$.messages[*].id", "extra.*.id"]), httpx().Client() as client:
        assert ask(client, quiet) == 0


def test_identical_requests_get_successive_recordings_and_then_none(tmp_path):
    path = recordings(tmp_path / "c.yaml", [BASE, BASE, BASE])
    with cassette(path, mode="none"), httpx().Client() as client:
        assert [ask(client, BASE) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(CassetteMissError, match=r"recorded 3 times, and has been played as often"):
            ask(client, BASE)


def test_playback_repeats_give_the_last_one_again(tmp_path):
    path = recordings(tmp_path / "c.yaml", [BASE, BASE])
    with cassette(path, mode="none", allow_playback_repeats=True), httpx().Client() as client:
        assert [ask(client, BASE) for _ in range(4)] == [0, 1, 1, 1]


def body_of(number):
    return {"model": "m", "messages": [{"role": "user", "content": f"question {number}"}], "seed": number}


def test_64_concurrent_calls_each_get_their_own_answer_in_any_order(tmp_path):
    path = recordings(tmp_path / "c.yaml", [body_of(number) for number in range(64)])
    order = list(range(64))
    random.Random(7).shuffle(order)  # noqa: S311 - a fixed order, no cryptography

    async def main():
        async with httpx().AsyncClient() as client:

            async def one(number):
                await asyncio.sleep(0)
                reply = await client.post("https://api.openai.com/v1/chat/completions", json=body_of(number))
                return reply.json()["answer"]

            return await asyncio.gather(*map(one, order))

    with cassette(path, mode="none", strict=True):
        assert asyncio.run(main()) == order


def test_64_threads_each_get_their_own_answer(tmp_path):
    path = recordings(tmp_path / "c.yaml", [body_of(number) for number in range(64)])
    answers = {}

    def one(client, number):
        answers[number] = ask(client, body_of(number))

    with cassette(path, mode="none", strict=True), httpx().Client() as client:
        threads = [threading.Thread(target=one, args=(client, number)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {number: number for number in range(64)}


def test_ten_thousand_recordings_are_all_found(tmp_path):
    path = recordings(tmp_path / "c.yaml", [body_of(number) for number in range(10_000)])
    order = list(range(0, 10_000, 50))
    random.Random(3).shuffle(order)  # noqa: S311 - a fixed order, no cryptography
    with cassette(path, mode="none") as deck, httpx().Client() as client:
        assert [ask(client, body_of(number)) for number in order] == order
        assert len(deck.unused()) == 10_000 - len(order)


def test_form_data_matches_whatever_its_separator(live, tmp_path):
    def upload(client):
        files = {"file": ("a.wav", b"sound", "audio/wav")}
        return client.post(f"{live.url}/v1/audio", files=files, data={"model": "w"}).status_code

    for mode in ("once", "none"):
        with cassette(tmp_path / "c.yaml", mode=mode), httpx().Client() as client:
            assert upload(client) == 200
    assert len(live.hits) == 1


def test_a_retry_is_recorded_as_two_and_replayed_in_that_order(live, tmp_path):
    def twice():
        return [talk("openai", live.url, "too fast") for _ in range(2)]

    with cassette(tmp_path / "c.yaml"):
        recorded = twice()
    with cassette(tmp_path / "c.yaml", mode="none", strict=True):
        assert twice() == recorded
    assert recorded[0] == ("RateLimitError", 429)
    assert recorded[1]["content"] == "echo too fast"
