"""What must hold of routing under any schedule, whatever was drawn: judged by what the world saw, and from outside."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass

from llmclient import Decision, LLMClientError, MemoryStore, ModelRouter
from llmclient.routing.policy.decisions import DECISIONS
from llmclient.testing.clock import VirtualClock
from support.routing_world import Router, World
from support.schedules import Made, Plan

SLACK = 1e-3
MINUTE = 60.0


@dataclass
class Ended:
    """What a call came to."""

    began: float
    ended: float
    result: object
    seen: str = ""


class LoneClock(VirtualClock):
    """Virtual time of one thread: nobody else could set an event, so no real moment is spent on waiting for it."""

    def wait(self, event: threading.Event, seconds: float | None) -> bool:
        assert seconds is not None, "nobody is left who could call up the one thread there is"
        if not event.is_set():
            self.sleep(seconds)
        return event.is_set()


class Watched(World):
    """A world that asks at every request whether its deployment may be asked at all."""

    router: ModelRouter

    def __init__(self, plan: Plan) -> None:
        super().__init__(clock=LoneClock())
        self.plan = plan
        self.store = MemoryStore()
        self.probes: list[object] = []
        self.limits = {entry.model: entry for entry in plan.deployments + plan.fallbacks}

    def raced(self, record: dict, now: float) -> bool:
        """Whether the breaker opened between the decision to ask and the first step of the hedged try's task."""
        breaker = self.plan.breaker
        seconds = min(breaker.cooldown * 2.0 ** (record["opened"] - 1), breaker.longest)
        return self.plan.hedge is not None and record["open_until"] - seconds >= now - SLACK

    def begin(self, provider, request):
        model = f"{provider}/{request.model}"
        record, now = self.store.read(model), self.clock.monotonic()
        until = record.get("open_until")
        if until is not None:
            assert until <= now + SLACK or self.raced(record, now), f"{model} is asked at {now} and open until {until}"
            if until <= now + SLACK:
                assert "probe" in record, f"{model} is half-open and asked without a probe"
                lease = record["probe"][0]
                assert lease not in self.probes, f"{model} is asked twice on one probe"
                self.probes.append(lease)
        cool = record.get("cool_until", 0.0)
        assert cool <= now + SLACK or self.plan.hedge, f"{model} is asked at {now} and cools until {cool}"
        step = super().begin(provider, request)
        under_way = self.under_way
        limit = self.limits[model].max_parallel
        assert limit is None or under_way.count(model) < limit, f"{model} has more than {limit} requests at once"
        limit = self.plan.limits.max_parallel
        assert limit is None or len(under_way) < limit, f"the router has more than {limit} requests at once"
        return step


def check_rates(world: Watched) -> None:
    """No minute has more requests than a limit lets through."""
    for model, deployment in world.limits.items():
        _check_rate([when for when, asked in world.calls if asked == model], deployment.rpm)
    _check_rate([when for when, _ in world.calls], world.plan.limits.rpm)


def _check_rate(times: list[float], rpm: int | None) -> None:
    if rpm is not None:
        assert all(late - early >= MINUTE - SLACK for early, late in zip(times, times[rpm:], strict=False))


def check_left_behind(world: Watched, router: Router) -> None:
    """Nothing is reserved, in line, under way or open any more."""
    for model in (*world.steps, "router"):
        record = world.store.read(model)
        assert not record.get("busy"), f"{model} still has places taken"
        assert "probe" not in record, f"{model} still has a probe"
    for position, budget in enumerate(world.plan.budgets):
        assert not world.store.read(f"budget:{position}:{budget.scope}").get("held")
    assert {health.busy for health in router.router.health().values()} == {0}
    assert len(router.router._core.shared().line) == 0  # nobody may be left in line; there is no public view of it
    assert all(opened.closed for opened in world.opened)
    assert not world.under_way


def check_statistics(world: Watched, router: Router, calls: int) -> None:
    stats = router.router.stats()
    assert stats.calls == calls == stats.successes + stats.failures + stats.cancelled
    tries = 0
    for model, deployment in stats.deployments.items():
        assert deployment.tries == deployment.successes + sum(deployment.failures.values()) + deployment.cancelled
        assert deployment.tries == world.models.count(model)
        tries += deployment.tries
    first = tries - stats.retries - stats.fallbacks - stats.hedges
    assert 0 <= first <= calls
    assert stats.successes == sum(deployment.successes for deployment in stats.deployments.values())
    assert stats.completion_tokens == sum(each.completion_tokens for each in stats.deployments.values())


def check_told(router: Router, results: list[Ended]) -> None:
    """What the attempts of all calls tell together is what the statistics say."""
    attempts = [attempt for ended in results for attempt in ended.result.attempts]
    stats = router.router.stats()
    outcomes = [attempt.outcome for attempt in attempts]
    each = stats.deployments.values()
    assert outcomes.count("success") == sum(entry.successes for entry in each)
    assert outcomes.count("failed") == sum(sum(entry.failures.values()) for entry in each)
    assert outcomes.count("skipped") == sum(entry.skipped for entry in each)
    assert outcomes.count("cancelled") == sum(entry.cancelled for entry in each)
    used = [attempt.usage for attempt in attempts if attempt.usage is not None]
    assert stats.prompt_tokens == sum(usage.prompt_tokens for usage in used)
    assert stats.completion_tokens == sum(usage.completion_tokens for usage in used)


def check_attempts(plan: Plan, ended: Ended) -> None:
    attempts = ended.result.attempts
    tried = [attempt for attempt in attempts if attempt.outcome != "skipped"]
    if plan.retry.budget is not None:
        assert len(tried) <= plan.retry.budget, "more tries than the budget of tries"
    for model in plan.steps:
        _check_tries_at_one(plan, [attempt for attempt in tried if attempt.model == model])
    assert ended.ended - ended.began <= plan.timeouts.total + SLACK, "the call took longer than it had"
    if plan.hedge is None:
        spent = sum(attempt.waited + attempt.duration for attempt in attempts)
        assert spent <= ended.ended - ended.began + SLACK, "more time is told than passed"
        if not isinstance(ended.result, LLMClientError):
            assert spent >= ended.ended - ended.began - SLACK, "time passed that nobody tells of"


def _check_tries_at_one(plan: Plan, tried: list) -> None:
    """A failure is tried again only where its row of the table says so, and no more often."""
    again = sorted(tried, key=lambda attempt: attempt.started)
    if plan.hedge is None:
        for number, (attempt, _) in enumerate(itertools.pairwise(again), 1):
            own = plan.retry.per_category.get(attempt.category)
            row = own if isinstance(own, Decision) else DECISIONS[attempt.category]
            most = own if isinstance(own, int) else row.attempts or plan.retry.attempts
            retry = row.retry if attempt.error.should_retry is None else attempt.error.should_retry
            assert retry, f"{attempt.category} was tried again"
            assert number < most, f"{attempt.category} was tried more than {most} times"


def check_text(ended: Ended, made: Made) -> None:
    """What the caller of a stream saw is what the response says: nothing lost, nothing twice."""
    if not made.stream:
        return
    if not isinstance(ended.result, LLMClientError):
        assert ended.seen == ended.result.text
    elif ended.seen:
        assert ended.result.partial.text == ended.seen
