"""Virtual time."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading

import pytest
from freezegun import freeze_time

from llmclient.testing import VirtualClock, script


def test_a_sleep_moves_the_time_and_returns():
    clock = VirtualClock()
    began = clock.now()
    clock.sleep(600)
    assert (clock.now() - began, clock.monotonic(), clock.sleeps) == (600, 600, [600])


async def test_sleepers_wake_in_the_order_of_their_deadlines():
    clock, woken = VirtualClock(), []

    async def sleeper(name, *naps):
        for nap in naps:
            await clock.async_sleep(nap)
            woken.append((name, clock.monotonic()))

    async def slow_starter():
        for _ in range(50):
            await asyncio.sleep(0)
        await sleeper("late", 1)

    await asyncio.gather(sleeper("a", 5, 1), sleeper("b", 2, 3, 2), slow_starter())
    assert woken == [("late", 1), ("b", 2), ("a", 5), ("b", 5), ("a", 6), ("b", 7)]


async def test_a_guard_fires_on_the_way_and_moves_no_time_itself():
    clock = VirtualClock()
    task = asyncio.create_task(clock.async_sleep(60))
    await asyncio.sleep(0)
    clock.call_later(10, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert clock.monotonic() == 10
    clock.call_later(5, lambda: pytest.fail("nobody sleeps"))
    await asyncio.sleep(0.001)
    assert clock.monotonic() == 10


async def test_moments_that_differ_by_the_rounding_of_floats_are_the_same_moment():
    """0.1 + 0.2 is a little more than 0.3: a limit that ends then goes before a sleeper all the same."""
    clock, order = VirtualClock(), []
    await clock.async_sleep(0.1)

    async def sleeper():
        await clock.async_sleep(0.2 - 1e-12)
        order.append("sleeper")

    task = asyncio.create_task(sleeper())
    await asyncio.sleep(0)
    clock.call_later(0.2, lambda: order.append("guard"))
    await task
    assert order == ["guard", "sleeper"]


async def test_two_clocks_on_one_loop_go_their_own_ways():
    woken = []

    async def sleeper(name, clock, *naps):
        for nap in naps:
            await clock.async_sleep(nap)
            woken.append((name, clock.monotonic()))

    one, two = VirtualClock(), VirtualClock()
    await asyncio.gather(sleeper("one", one, 5, 1), sleeper("two", two, 100, 100))
    assert sorted(woken) == [("one", 5), ("one", 6), ("two", 100), ("two", 200)]


async def test_an_idle_clock_does_not_hold_another_up():
    """A guard that nobody's sleep will reach keeps its clock waiting, not its loop."""
    idle, clock = VirtualClock(), VirtualClock()
    guard = idle.call_later(5, lambda: pytest.fail("no sleep of its own clock reaches it"))
    await asyncio.gather(clock.async_sleep(60), clock.async_sleep(30))
    guard.cancel()
    assert (clock.monotonic(), idle.monotonic()) == (60, 0)


async def test_a_cancelled_guard_is_forgotten():
    clock = VirtualClock()
    clock.call_later(1, lambda: pytest.fail("it was cancelled")).cancel()
    await clock.async_sleep(5)
    assert clock.monotonic() == 5


def test_advance_moves_it_and_never_back():
    clock = VirtualClock(start=100)
    clock.advance(5)
    assert (clock.now(), clock.sleeps) == (105, [])
    with pytest.raises(ValueError, match="time does not go back"):
        clock.advance(-1)


def test_a_timed_wait_moves_the_time_unless_the_event_comes():
    clock, event = VirtualClock(), threading.Event()
    assert clock.wait(event, 30) is False
    assert clock.monotonic() == 30
    event.set()
    assert clock.wait(event, 30) is True
    assert clock.monotonic() == 30


def test_with_freezegun_both_move_together():
    clock = VirtualClock()
    with freeze_time("2030-01-01") as frozen:
        assert clock.now() == dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp()
        clock.sleep(90)
        assert dt.datetime.now(tz=dt.UTC).minute == 1
        frozen.tick(30)
        assert clock.monotonic() == 120


@freeze_time("2030-01-01")
def test_asyncio_does_not_hang_in_frozen_time():
    async def main():
        await asyncio.sleep(0.001)
        await llm.clock.async_sleep(3600)
        await asyncio.wait_for(asyncio.sleep(0), 5)

    with script() as llm:
        asyncio.run(main())
    assert llm.clock.monotonic() == 3600


async def test_two_clocks_on_one_loop_let_each_other_go_on():
    one, other = VirtualClock(), VirtualClock()
    await asyncio.wait_for(asyncio.gather(one.async_sleep(3), other.async_sleep(5), one.async_sleep(4)), timeout=1)
    assert (one.monotonic(), other.monotonic()) == (4, 5)
