"""Scripts as data: what they come to, and errors that name the line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from llmclient import testing
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
        ("turns:\n  - fail: {status: {status: 200}}", "f.yaml:2: status must be a status from 400 to 599, not 200"),
        ("", "f.yaml:1: the file is empty; a script has turns, a transcript or auto"),
        ("# nothing\n", "f.yaml:1: the file is empty"),
        ("turns:", "f.yaml:1: turns is a list, not empty"),
        ("turns:\n  -", "f.yaml:2: turn is a mapping, not empty"),
        ("turns:\n  - reply: 4", "f.yaml:2: reply is a text or a mapping, not 4; put it in quotes"),
        ("turns:\n  - reply:", "f.yaml:2: reply is a text or a mapping, not empty"),
        ("turns:\n  - reply: {text: yes}", "f.yaml:2: text must be a text, not True; put it in quotes"),
        ("turns:\n  - fail: [rate_limit]", "f.yaml:2: a fault is one name, or one name with its facts"),
        ("turns:\n  - fail:", "f.yaml:2: a fault is one name, or one name with its facts, such as {rate_limit: {}}"),
        ("turns:\n  - fail: {rate_limit: {}, auth: {}}", "f.yaml:2: a fault is one name, or one name with its facts"),
        ("turns:\n  - fail: {rate_limit: {retry_after: -2}}", "f.yaml:2: retry_after must be a number from 0, not -2"),
        (
            "turns:\n  - fail: {rate_limit: {form: hours}}",
            "f.yaml:2: form must be one of seconds, milliseconds, date, not 'hours'",
        ),
        ("turns:\n  - fail: {error_event: {fault: stall}}", "f.yaml:2: stall is no error status"),
        ("turns:\n  - when: {turn: 0}\n    reply: x", "f.yaml:2: turn must be a whole number from 1, not 0"),
        ("turns:\n  - when: {matches: '('}\n    reply: x", "f.yaml:2: matches must be a regular expression, not '('"),
        ("turns:\n  - reply: {text: x, stream: {size: 0}}", "f.yaml:2: size must be a whole number from 1, not 0"),
        ("turns:\n  - reply: {stream: {per_second: 0}}", "f.yaml:2: per_second must be a number above 0, not 0"),
        ("turns:\n  - reply: {headers: {a: 1}}", "f.yaml:2: headers must be a mapping of texts"),
        ("turns:\n  - reply: {embeddings: [[a]]}", "f.yaml:2: embeddings must be a list of lists of numbers"),
        ("turns:\n  - reply: {tool_calls: [null]}", "f.yaml:2: tool call is a mapping, not empty"),
        (
            "turns:\n  - reply: {parsed: {day: 2020-01-01}}",
            "f.yaml:2: 2020-01-01 is no value of JSON; put it in quotes",
        ),
        ("turns:\n  - reply: {parsed: .nan}", "f.yaml:2: nan is no value of JSON"),
        ("turns: &a\n  - *a", "f.yaml:1: an alias stands within what it stands for"),
        ("turns:\n\t- reply: x", "f.yaml:2: a tab where a line begins; indent with spaces"),
        ("turns:\n  - reply: \x00", "f.yaml:2: a character that YAML does not allow"),
    ],
)
def test_an_error_names_file_line_and_the_nearest_key(text, error):
    with pytest.raises(ScriptFileError) as caught:
        parse_script(text, "f.yaml")
    assert str(caught.value).startswith(error)


def test_a_file_that_is_no_utf_8_is_told_with_its_line(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"turns:\n  - reply: \xe9\n")
    with pytest.raises(ScriptFileError, match=r"f\.yaml:2: the file is not in UTF-8"):
        load_script(path)


def test_an_alias_may_stand_beside_what_it_stands_for():
    assert [turn.action.text for turn in parse_script("turns:\n  - &a {reply: x}\n  - *a").turns] == ["x", "x"]


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


SOURCE = re.compile(
    r"Source: |RFC \d+|HTML standard|\(2\)|\(3\)|\(1\)|_exceptions\.py|_streaming\.py|OpenRouter \"|nginx: "
)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_says_what_it_looks_like_and_where_that_stands(fault):
    assert SOURCE.search(fault.__doc__)
    assert getattr(testing, fault.__name__) is fault
