"""One deployment's shared record: breaker, cooldown, limits. Pure functions over a document of the store.

`admit` decides in one atomic step whether a try may start, and reserves what it needs; `settle` gives that back and
writes down what the try came to. Nothing here knows a deployment, a call, or a clock: times are numbers handed in.

    closed --failures in a row, or rate--> open --cooldown over, one probe--> half-open --success--> closed
                                             ^----------------failure, for twice as long-----'
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, cast

if TYPE_CHECKING:
    from llmclient.errors import ErrorCategory
    from llmclient.routing.policy.settings import Breaker
    from llmclient.routing.policy.store import Document

MINUTE = 60.0
"""What rpm and tpm count over: any 60 seconds."""

MOMENT = 1e-6
"""Seconds below which two times are the same: sums of floats differ by less."""

LEASE = 3600.0
"""Seconds after which a reservation that was never given back (its process died) no longer counts."""

Why: TypeAlias = Literal["", "open", "probing", "cooldown", "rpm", "tpm", "parallel", "line"]


class Record(TypedDict, total=False):
    """The document."""

    fails: int  # counted failures in a row
    reasons: dict[str, int]  # category -> failures since the last success
    tries: list[list[float]]  # [when, 1 for failed] in the breaker's window, where it looks at the rate
    open_until: float  # there while open or half-open
    opened: int  # how often in a row it opened
    probe: list[object]  # [lease, when] of the probe under way
    cool_until: float
    cool_waits: bool  # whether waiting for the end of the cooldown makes sense
    why: str  # category that opened the breaker or started the cooldown
    busy: dict[str, float]  # lease -> when, where parallel requests are limited
    used: list[list[object]]  # [when, tokens, lease] of the last minute, where rpm or tpm are limited


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a record is judged by; None is without that rule."""

    breaker: Breaker | None = None
    rpm: int | None = None
    tpm: int | None = None
    max_parallel: int | None = None

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return not (self.rpm is None and self.tpm is None and self.max_parallel is None)


@dataclass(slots=True, eq=False)
class Admission:
    """Whether a try may start; if not, why, and when it is worth looking again (None: nobody knows)."""

    granted: bool
    why: Why = ""
    until: float | None = None
    category: str = ""
    waits: bool = False


@dataclass(slots=True, eq=False)
class Report:
    """What a try came to.

    Attributes:
        result: "success", "failure" (counts against the breaker), "alive" (an error that shows the host works), "none"
            (cancelled, or never sent).
        category: of the error, empty otherwise.
        cooldown: seconds to leave the deployment alone.
        waits: whether waiting for the end of that cooldown makes sense.
        tokens: what it used; None keeps the reserved estimate.
        sent: False takes the request out of the count, too.
    """

    result: Literal["success", "failure", "alive", "none"]
    category: ErrorCategory | None = None
    cooldown: float = 0.0
    waits: bool = False
    tokens: int | None = None
    sent: bool = True


UNSENT = Report("none", tokens=0, sent=False)
"""A try that was reserved, and not made."""

GRANTED = Admission(granted=True)


def admit(document: Document, rules: Rules, *, now: float, lease: str, tokens: int) -> Admission:
    """Reserve a try, or say why not."""
    record = cast("Record", document)
    open_until = record.get("open_until")
    if open_until is not None:
        denied = _closed_to(record, open_until, now)
        if denied is not None:
            return denied
    cool_until = record.get("cool_until")
    if cool_until is not None:
        if cool_until > now + MOMENT:
            return Admission(
                granted=False,
                why="cooldown",
                until=cool_until,
                category=record.get("why", ""),
                waits=record.get("cool_waits", False),
            )
        del record["cool_until"]
    if rules.limited:
        full = _full(record, rules, now, tokens)
        if full is not None:
            return full
        _reserve(record, rules, now, lease, tokens)
    if open_until is not None:
        record["probe"] = [lease, now]
    return GRANTED


def look(document: Document, rules: Rules, *, now: float, tokens: int) -> Admission:
    """Say what will keep a try from `now` on, which may be a time to come, and keeps it longest. Changes nothing."""
    found, moment = GRANTED, now
    while True:
        copied = document.copy()
        for name in ("busy", "used"):
            if name in copied:
                copied[name] = copy(copied[name])
        admission = admit(copied, rules, now=moment, lease="", tokens=tokens)
        if admission.granted or (admission.until is None and not found.granted):
            return found
        found = admission
        if not admission.waits or admission.until is None:
            return found
        moment = admission.until


def settle(document: Document, rules: Rules, report: Report, *, now: float, lease: str) -> None:
    """Give back what `admit` reserved, and write down what came of it."""
    record = cast("Record", document)
    if rules.limited:
        _give_back(record, report, lease)
    probe = record.get("probe")
    probing = probe is not None and probe[0] == lease
    if probing:
        del record["probe"]
    if report.cooldown > 0 and now + report.cooldown > record.get("cool_until", 0.0):
        record["cool_until"] = now + report.cooldown
        record["cool_waits"] = report.waits
        record["why"] = report.category or ""
    if report.category is not None:
        reasons = record.setdefault("reasons", {})
        reasons[report.category] = reasons.get(report.category, 0) + 1
    if rules.breaker is not None and report.result != "none":
        _judge(record, rules.breaker, report, now=now, probing=probing)


def _closed_to(record: Record, open_until: float, now: float) -> Admission | None:
    why = record.get("why", "")
    if open_until > now + MOMENT:
        return Admission(granted=False, why="open", until=open_until, category=why)
    probe = record.get("probe")
    if probe is not None and cast("float", probe[1]) + LEASE > now:
        return Admission(granted=False, why="probing", category=why)
    return None


def _full(record: Record, rules: Rules, now: float, tokens: int) -> Admission | None:
    busy = record.get("busy")
    if rules.max_parallel is not None and busy is not None and len(busy) >= rules.max_parallel:
        for lease in [lease for lease, since in busy.items() if since + LEASE <= now]:
            del busy[lease]
        if len(busy) >= rules.max_parallel:
            return Admission(granted=False, why="parallel", waits=True)
    used = record.get("used")
    if not used:
        return None
    while used and cast("float", used[0][0]) + MINUTE <= now + MOMENT:
        used.pop(0)
    if rules.rpm is not None and len(used) >= rules.rpm:
        until = cast("float", used[len(used) - rules.rpm][0]) + MINUTE
        return Admission(granted=False, why="rpm", until=until, waits=True)
    if rules.tpm is not None:
        return _full_of_tokens(used, rules.tpm, tokens)
    return None


def _full_of_tokens(used: list[list[object]], tpm: int, tokens: int) -> Admission | None:
    over = sum(cast("int", entry[1]) for entry in used) + min(tokens, tpm) - tpm
    if over <= 0:
        return None
    for when, spent, _ in used:
        over -= cast("int", spent)
        if over <= 0:
            return Admission(granted=False, why="tpm", until=cast("float", when) + MINUTE, waits=True)
    raise AssertionError("an empty minute has room for any request")  # pragma: no cover


def _reserve(record: Record, rules: Rules, now: float, lease: str, tokens: int) -> None:
    if rules.max_parallel is not None:
        record.setdefault("busy", {})[lease] = now
    if rules.rpm is not None or rules.tpm is not None:
        record.setdefault("used", []).append([now, tokens, lease])


def _give_back(record: Record, report: Report, lease: str) -> None:
    busy = record.get("busy")
    if busy is not None:
        busy.pop(lease, None)
    used = record.get("used")
    if used is None:
        return
    for position in range(len(used) - 1, -1, -1):
        entry = used[position]
        if entry[2] == lease:
            if not report.sent:
                del used[position]
            elif report.tokens is not None:
                entry[1] = report.tokens
            return


def _judge(record: Record, breaker: Breaker, report: Report, *, now: float, probing: bool) -> None:
    failed = report.result == "failure"
    is_open = "open_until" in record
    if is_open and not probing:
        return  # a try from before it opened says nothing new
    if breaker.rate is not None:
        tries = [entry for entry in record.get("tries", []) if entry[0] + breaker.window > now]
        record["tries"] = [*tries, [now, float(failed)]]
    if not failed:
        if is_open or "fails" in record or "reasons" in record:
            _close(record, keep_reasons=report.category is not None)
        return
    record["fails"] = record.get("fails", 0) + 1
    if probing or record["fails"] >= breaker.failures or _too_many(record, breaker):
        opened = record.get("opened", 0)
        record["open_until"] = now + min(breaker.cooldown * 2**opened, breaker.longest)
        record["opened"] = opened + 1
        record["why"] = report.category or ""


def _too_many(record: Record, breaker: Breaker) -> bool:
    tries = record.get("tries", [])
    if breaker.rate is None or len(tries) < breaker.minimum:
        return False
    return sum(entry[1] for entry in tries) >= breaker.rate * len(tries)


def _close(record: Record, *, keep_reasons: bool) -> None:
    if "open_until" in record:
        del record["open_until"]
        record.pop("tries", None)
    record.pop("fails", None)
    record.pop("opened", None)
    if not keep_reasons:
        record.pop("reasons", None)


def left(document: Document, rules: Rules, *, now: float) -> tuple[float, float]:
    """Return which share of the minute's requests and tokens is free."""
    used = [entry for entry in cast("Record", document).get("used", []) if cast("float", entry[0]) + MINUTE > now]
    requests = 1.0 if rules.rpm is None else max(0.0, 1 - len(used) / rules.rpm)
    tokens = 1.0 if rules.tpm is None else max(0.0, 1 - sum(cast("int", entry[1]) for entry in used) / rules.tpm)
    return requests, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a deployment is, as `router.health()` tells it.

    Attributes:
        state: "closed" (asked as usual), "open" (left alone), "half_open" (one probe may ask), "cooling" (left alone
            after a rate limit, a wrong key or a spent quota).
        retry_in: seconds until it may be asked again; 0 where it may now.
        failures: counted failures in a row.
        reasons: failures since the last success, by category.
        reason: category that opened the breaker or started the cooldown; empty when closed.
        busy: requests in flight from this router.
    """

    state: Literal["closed", "open", "half_open", "cooling"] = "closed"
    retry_in: float = 0.0
    failures: int = 0
    reasons: dict[str, int]
    reason: str = ""
    busy: int = 0


def health_of(document: Document, *, now: float, busy: int) -> Health:
    """Read a record."""
    record = cast("Record", document)
    state: Literal["closed", "open", "half_open", "cooling"] = "closed"
    until = record.get("open_until")
    if until is not None:
        state = "open" if until > now else "half_open"
    elif record.get("cool_until", 0.0) > now:
        state, until = "cooling", record.get("cool_until")
    return Health(
        state=state,
        retry_in=max(0.0, until - now) if until is not None else 0.0,
        failures=record.get("fails", 0),
        reasons=dict(record.get("reasons", {})),
        reason=record.get("why", "") if state != "closed" else "",
        busy=busy,
    )
