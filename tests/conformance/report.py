"""Writes docs/spec-deviations.md from a run: every fault at every door, and what the dialects do not do.

PYTHONPATH=src:tests python -m conformance.report
"""

from __future__ import annotations

from pathlib import Path

from conformance.deviations import DEVIATIONS
from conformance.observing import DOORS, MODELS, Way, observe
from conformance.recorded_kinds import UNTELLABLE, VARYING
from llmclient.testing.faults.body import BODY_FAULTS
from llmclient.testing.faults.connection import CONNECTION_FAULTS
from llmclient.testing.faults.status import STATUS_FAULTS
from llmclient.testing.faults.stream import STREAM_FAULTS
from llmclient.testing.reply import Reply

PAGE = Path(__file__).resolve().parents[2] / "docs" / "spec-deviations.md"
VENDORS = ("openai", "anthropic", "openrouter")
NAMES = {"openai": "OpenAI", "anthropic": "Anthropic", "openrouter": "OpenRouter"}
KINDS = (STATUS_FAULTS, CONNECTION_FAULTS, BODY_FAULTS, STREAM_FAULTS)
FAULTS = [fault for kind in KINDS for fault in kind]

HEAD = """\
# What the fakes do not do

Written by `python -m conformance.report` from a run of the conformance suite; a test holds that this page is what a run
writes. The dialects have the keys, the order and the types of recorded traffic (`tests/testing/dialects/`), and one
script gives the same results, errors, attempts and virtual time at all three doors (`tests/conformance/`). The rest:

| where | the vendor | the fake |
|---|---|---|
"""
KINDS_HEAD = """
## Recorded answers that no script tells

Every other recorded answer of OpenAI, Anthropic and OpenRouter was read into a script and told again by the dialect.
The keys, their types, the order of frames, and the order of keys where the recording has kept it, are the recorded
ones. Of gateways the types were compared.

| what | whose | why |
|---|---|---|
"""
KEYS_HEAD = """
## Keys that come and go

Some recordings of an API have them and others lack them, by model, by request or by date. A fake writes one form for
every model: the newest that most of them share.

| API | key | when |
|---|---|---|
"""
API = {
    "openai-chat": "OpenAI chat",
    "anthropic-messages": "Anthropic messages",
    "openrouter-chat": "OpenRouter chat",
    "openai-responses": "OpenAI responses",
}
MATRIX = """
## Faults, and the errors they surface as

Each was played at the provider, the transport and the server, plain and streamed. One word: the same at every door.
"complete" is an answer without an error.

| fault | asked | OpenAI and gateways | Anthropic | OpenRouter |
|---|---|---|---|---|
"""


def outcomes() -> list:
    return [Reply(text="This is the answer.", fault=fault()) if fault in STREAM_FAULTS else fault() for fault in FAULTS]


def matrix(*, streamed: bool) -> dict[tuple[str, str], list[str]]:
    """`(vendor, door)` -> the class of the error each fault comes to."""
    return {
        (vendor, door): [
            result.get("class", "complete")
            for result, _ in observe(Way(door, streamed=streamed), MODELS[vendor], outcomes(), {"max_tokens": 100})[:-1]
        ]
        for vendor in VENDORS
        for door in DOORS
    }


def cell(classes: dict[str, str]) -> str:
    told = {name.removesuffix("Error") for name in classes.values()}
    if len(told) == 1:
        return told.pop()
    return ", ".join(f"{name.removesuffix('Error')} at the {door}" for door, name in classes.items())


def page() -> str:
    rows = [f"| {row.where} | {row.vendor} | {row.fake} |" for row in DEVIATIONS]
    found = {streamed: matrix(streamed=streamed) for streamed in (False, True)}
    lines = []
    for number, fault in enumerate(FAULTS):
        for streamed in (False, True):
            seen = found[streamed]
            cells = [cell({door: seen[vendor, door][number] for door in DOORS}) for vendor in VENDORS]
            lines.append(f"| `{fault.__name__}` | {'streamed' if streamed else 'plain'} | {' | '.join(cells)} |")
    untold = [f"| {kind} | {where} | {why} |" for kind, (where, why) in UNTELLABLE.items()]
    varying = [
        f"| {API[name]} | `{path.removeprefix('.')}` | {why} |"
        for name, keys in VARYING.items()
        for path, why in keys.items()
    ]
    recorded = KINDS_HEAD + "\n".join(untold) + "\n" + KEYS_HEAD + "\n".join(varying) + "\n"
    return HEAD + "\n".join(rows) + "\n" + recorded + MATRIX + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
