"""The shipped schema and the loader take the same files; another implementation judges by the schema."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from llmclient.testing import FAULTS, ScriptFileError
from llmclient.testing.files import schema
from llmclient.testing.files.load import parse_script
from llmclient.testing.files.nodes import parse
from llmclient.testing.files.spec import FAULT_TABLES, REQUIRED, TABLES

FAKES = Path(__file__).parents[2] / "fakes"
JUDGE = jsonschema.Draft202012Validator(schema.json_schema(), format_checker=jsonschema.FormatChecker(["regex"]))


GOOD = {
    "text": ["x", ""],
    "pattern": ["a+"],
    "count": [0, 3],
    "from_one": [1, 3],
    "status": [400, 599],
    "amount": [0, 0.5],
    "rate": [0.5, 20],
    "yes_no": [True, False],
    "texts": [[], ["a", "b"]],
    "mapping": [{}, {"prompt_tokens": 3}],
    "headers": [{}, {"a": "b"}],
    "times": [1, 2, "always"],
    "vectors": [[], [[]], [[0.5, 1]]],
    "form": ["seconds", "date"],
    "any": [None, 1, "x", {"a": [None]}],
    "text_or_yes_no": ["x", True],
}
WRONG = [
    None,
    True,
    -1,
    0,
    0.5,
    1.0,
    3,
    400,
    "x",
    "(",
    "rate_limit",
    "stall",
    [],
    ["x"],
    [3],
    {},
    {"a": 1},
    [["x"]],
    [{}],
]
EXAMPLES = int(os.environ.get("LLMCLIENT_SCHEMA_EXAMPLES", "100"))
FEW_FAULTS = ("rate_limit", "stall", "error_event", "status", "null_choices", "server_failure")


@cache
def table(name, depth=6):
    """Mappings that have some of a table's keys, with values that they take."""
    spec = {key: found for key, found in TABLES[name].items() if key not in FAULTS or key in FEW_FAULTS}
    if name in FAULT_TABLES:
        return st.one_of([st.fixed_dictionaries({key: value(found, depth)}) for key, found in spec.items()])
    needed = {key: value(spec[key], depth) for key in REQUIRED.get(name, ())}
    left_out = {*needed, "reply", "fail", "transcript"} if name in ("script", "turn") else {*needed}
    rest = {key: value(found, depth) for key, found in spec.items() if key not in left_out and depth > 0}
    some = st.fixed_dictionaries(needed, optional=rest)
    if name != "turn":
        return some
    return st.one_of(
        [
            st.builds(lambda given, done, key=key: {**given, key: done}, some, value(spec[key], depth))
            for key in ("reply", "fail")
        ]
    )


def value(spec, depth):
    if spec.kind in GOOD:
        return st.sampled_from(GOOD[spec.kind])
    inner = table(spec.table, depth - 1)
    if spec.kind == "items":
        return st.lists(inner, max_size=2)
    if spec.kind == "reasoning":
        return inner | st.lists(inner | st.just("x"), max_size=2)
    names = [name for name in FEW_FAULTS if name in TABLES[spec.table]] or ["x"]
    return inner | st.sampled_from(names) if spec.kind == "table_or_text" else inner | st.none()


def places(data):
    """Every mapping in it, and every key of one."""
    if isinstance(data, dict):
        yield from ((data, key) for key in (*data, "unheard_of"))
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from places(inner)


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(table("script"), st.sampled_from(WRONG), st.integers(0, 1000), st.sampled_from(["as it is", "other", "gone"]))
def test_the_loader_takes_what_the_schema_takes_and_nothing_else(data, other, where, change):
    data = json.loads(json.dumps(data))  # shared values are told apart, to be changed one by one
    found = list(places(data))
    mapping, key = found[where % len(found)]
    if change == "other":
        mapping[key] = other
    elif change == "gone":
        mapping.pop(key, None)
    try:
        parse_script(json.dumps(data), "f.json")
    except ScriptFileError as error:
        assume("say different things" not in str(error))  # no schema can compare two values
        loads = False
    else:
        loads = True
    assert loads == JUDGE.is_valid(data)
    event(f"{change}: {loads}")


@pytest.mark.parametrize("path", sorted(FAKES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_schema_takes_every_example(path):
    JUDGE.validate(parse(path.read_text(encoding="utf-8"), path.name).plain())
