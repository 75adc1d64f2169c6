"""Scripts as data: what they come to, and errors that name the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmclient.testing import FAULTS, RateLimit, ScriptFileError, Stall, load_script
from llmclient.testing.files import schema
from llmclient.testing.files.load import parse_script

pytestmark = pytest.mark.unit

FAKES = Path(__file__).parents[2] / "fakes"


@pytest.mark.parametrize("path", sorted(FAKES.glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_loads(path):
    assert load_script(path).turns


def test_the_example_says_what_it_says():
    first, second, third = load_script(FAKES / "rate_limited_then_ok.yaml").turns
    assert (first.on, first.times, first.action) == ("openai/*", 2, RateLimit(retry_after=2))
    assert (first.when.contains, first.when.turn) == ("2+2", 1)
    assert second.action.text == "4"
    assert (second.action.cut.size, second.action.cut.first_token, second.action.cut.per_second) == (1, 0.3, 50)
    assert third.action.tool_calls[0].arguments == '{"city": "Paris"}'
    assert first.source.endswith("rate_limited_then_ok.yaml:4")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("name: x\nturn: []", "f.yaml:2: unknown key 'turn' in script; nearest: 'turns'"),
        (
            "turns:\n  - when: {contain: x}\n    reply: y",
            "f.yaml:2: unknown key 'contain' in when; nearest: 'contains'",
        ),
        ("turns:\n  - fail: {rate_limt: {}}", "f.yaml:2: unknown key 'rate_limt' in fault; nearest: 'rate_limit'"),
        ("turns:\n  - fail:\n      rate_limit:\n        retry: 2", "f.yaml:4: unknown key 'retry' in rate limit"),
        ("turns:\n  - reply: x\n    times: twice", 'f.yaml:3: times must be a whole number from 1, or "always"'),
        ("turns:\n  - on: x", "f.yaml:2: a turn has either reply or fail"),
        ("turns:\n  - reply: x\n    fail: auth", "f.yaml:2: a turn has either reply or fail"),
        ("turns:\n  - reply:\n      fault: rate_limit", "f.yaml:3: rate_limit comes in place of a reply"),
        ("turns:\n  - reply:\n      tool_calls: [{arguments: {}}]", "f.yaml:3: tool call needs the key 'name'"),
        ("turns: 5", "f.yaml:1: turns is a list, not 5"),
        ("name: a\nname: b", "f.yaml:2: key 'name' stands here for the second time"),
        ("turns:\n  - [", "f.yaml:2: "),
        (
            "transcript: |\n  user: hi\n  robot: beep",
            "f.yaml:3: a line begins with system:, user:, assistant: or tool:",
        ),
        ("turns:\n  - fail: {status: {status: 200}}", "f.yaml:2: Status(status=200)"),
    ],
)
def test_an_error_names_file_line_and_the_nearest_key(text, error):
    with pytest.raises(ScriptFileError) as caught:
        parse_script(text, "f.yaml")
    assert str(caught.value).startswith(error)


def test_json_is_read_too():
    script = parse_script('{\n\t"turns": [\n\t\t{"reply": "x", "times": "always"}\n\t]\n}', "f.json")
    assert (script.turns[0].action.text, script.turns[0].times) == ("x", None)


def test_faults_nest_and_streams_are_damaged():
    script = parse_script(
        "turns:\n  - fail: {error_event: {fault: {rate_limit: {retry_after: 1}}, after_chunks: 2}}\n"
        "  - reply: {text: x, fault: {stall: {seconds: 9}}}",
        "f.yaml",
    )
    assert script.turns[0].action.fault.fault == RateLimit(retry_after=1)
    assert script.turns[1].action.fault == Stall(seconds=9)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_can_be_named(name):
    outcome = parse_script(f"turns:\n  - fail: {name}", "f.yaml").turns[0].action
    assert (getattr(outcome, "fault", None) or outcome).name() in (name, "server_failure")


def test_the_shipped_schema_is_the_tables():
    assert schema.SHIPPED.read_text(encoding="utf-8") == schema.text()
    assert json.loads(schema.text())["$defs"]["turn"]["properties"]["when"]
