"""What every routing test gets: a world on virtual time, and a router that is called sync and async in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.routing_world import MakeRouter, Router, World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with made.in_force():
        yield made


@pytest.fixture(params=["async", "sync"])
def make(request, world) -> MakeRouter:
    def router(primary, **options) -> Router:
        return Router(world, request.param, primary, **options)

    return router
