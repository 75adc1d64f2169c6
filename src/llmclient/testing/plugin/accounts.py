"""What the calls of a test came to, as plain data: a row a call.

Rows travel from xdist workers with the test's report, and become the report file and the summary at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from llmclient.testing.journal import RecordedCall
    from llmclient.testing.llm import LLM


class CallRow(TypedDict):
    """One call, as a line of the report file has it; the schema is in docs/testing.md.

    Times are virtual seconds; `waited` is what routers slept since the call before; `attempt` counts calls of the same
    content in the test; `cost` is US dollars at live prices, None where the model has none.
    """

    test: str
    number: int
    door: str
    model: str
    capability: str
    stream: bool
    attempt: int
    started: float
    duration: float
    waited: float
    outcome: str
    fault: str | None
    error: str | None
    prompt_tokens: int
    completion_tokens: int
    cost: float | None


def rows_of(llm: LLM) -> list[CallRow]:
    """A row for each call of a test."""
    from llmclient.testing.chaos import fingerprint

    attempts: Counter[bytes] = Counter()
    rows: list[CallRow] = []
    slept = 0
    for call in llm.calls:
        content = fingerprint(call.call) if len(llm.calls) > 1 else b""
        attempts[content] += 1
        sleeps = llm.clock.sleeps[slept : call.sleeps_before]
        slept = call.sleeps_before
        rows.append(_row(call, attempts[content], sum(sleeps)))
    return rows


def _row(call: RecordedCall, attempt: int, waited: float) -> CallRow:
    prompt, completion = call.tokens
    ended = call.started if call.ended is None else call.ended
    outcome = "no_turn" if call.reply is None and call.fault is None else "fault" if call.fault is not None else "reply"
    return CallRow(
        test=call.test,
        number=call.number,
        door=call.door,
        model=call.model,
        capability=str(call.call.capability),
        stream=call.stream,
        attempt=attempt,
        started=call.started,
        duration=round(ended - call.started, 6),
        waited=round(waited, 6),
        outcome=outcome,
        fault=None if call.fault is None else call.fault.name(),
        error=None if call.error is None else type(call.error).__name__,
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost=live_cost(call.model, prompt, completion) if call.reply is not None else 0.0,
    )


def live_cost(model: str, prompt: int, completion: int) -> float | None:
    """US dollars of a call at live prices; None where the model has none."""
    from llmclient.costs import calculate_cost

    cost = calculate_cost(model, {"prompt_tokens": prompt, "completion_tokens": completion})
    return None if cost is None else float(cost.total)


def total_cost(rows: Iterable[CallRow]) -> float:
    """What they would have cost live, as far as prices are known."""
    return sum(row["cost"] or 0.0 for row in rows)


def summary(rows: Sequence[CallRow]) -> list[str]:
    """The lines of the terminal summary."""
    doors = Counter(row["door"] for row in rows)
    tests = len({row["test"] for row in rows})
    prompt, completion = sum(row["prompt_tokens"] for row in rows), sum(row["completion_tokens"] for row in rows)
    through = ", ".join(f"{count} through {door}" for door, count in doors.most_common())
    unpriced = sum(row["cost"] is None for row in rows)
    unknown = f" ({unpriced} calls of models without a price left out)" if unpriced else ""
    tokens = f"{prompt} prompt and {completion} completion tokens"
    lines = [
        f"{_count(len(rows), 'call')} in {_count(tests, 'test')}: {through}",
        f"{tokens}; live they would have cost ${total_cost(rows):.4f}{unknown}",
    ]
    slowest = sorted((row for row in rows if row["waited"] > 0), key=lambda row: -row["waited"])[:3]
    lines += [f"waited {row['waited']:g} virtual seconds before {row['model']} in {row['test']}" for row in slowest]
    return lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
