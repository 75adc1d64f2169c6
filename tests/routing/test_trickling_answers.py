"""An answer that comes a few bytes at a time is no way around the limit of a call, in either flavour."""

from __future__ import annotations

import asyncio
import json

import pytest

from llmclient import ModelRouter, ProviderConfig, RequestTimeoutError, SyncModelRouter, Timeouts
from llmclient.testing import VirtualClock
from support.canned import Answer, Canned

BODY = json.dumps({"choices": [{"message": {"content": "x" * 20}, "finish_reason": "stop"}]}).encode()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


class Trickle:
    """The body in ten pieces, a second of the clock before each."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock

    def __iter__(self):
        size = len(BODY) // 10 + 1
        for start in range(0, len(BODY), size):
            self.clock.advance(1)
            yield BODY[start : start + size]


def settings(clock: VirtualClock, canned: Canned, total: float) -> dict:
    config = ProviderConfig(api_key="sk-canary-0001", base_url="http://h", http_client=canned)
    return {"providers": {"openai": config}, "clock": clock, "timeouts": Timeouts(total=total)}


def ask(flavour: str, clock: VirtualClock, canned: Canned, total: float) -> str:
    if flavour == "sync":
        with SyncModelRouter("openai/m", **settings(clock, canned, total)) as router:
            return router.complete("hi").text

    async def run() -> str:
        async with ModelRouter("openai/m", **settings(clock, canned, total)) as router:
            return (await router.complete("hi")).text

    return asyncio.run(run())


def test_a_sync_answer_that_trickles_ends_at_the_limit_and_its_connection_is_closed(clock):
    canned = Canned(Answer(Trickle(clock)))
    began = clock.monotonic()
    with pytest.raises(RequestTimeoutError, match="no end of the answer within 3 s") as caught:
        ask("sync", clock, canned, total=3)
    assert caught.value.phase == "total"
    assert clock.monotonic() - began == 4  # the first piece after the limit
    assert (canned.opened, canned.closed) == (1, 1)


@pytest.mark.parametrize("flavour", ["sync", "async"])
def test_an_answer_that_trickles_within_the_limit_is_whole(flavour, clock):
    canned = Canned(Answer(Trickle(clock)))
    assert ask(flavour, clock, canned, total=30) == "x" * 20
    assert (canned.opened, canned.closed) == (1, 1)
