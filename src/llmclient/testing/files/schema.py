"""The JSON Schema of script files, made from the tables. The shipped copy is `script.schema.json`, beside this file."""

from __future__ import annotations

import json
from pathlib import Path

from llmclient.testing.files.kinds import KINDS
from llmclient.testing.files.spec import FAULT_TABLES, REQUIRED, TABLES, Key

SHIPPED = Path(__file__).with_name("script.schema.json")
"""The copy that editors are pointed to."""


def json_schema() -> dict[str, object]:
    """The schema, as a JSON object."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A script of llmclient.testing",
        "$ref": "#/$defs/script",
        "$defs": {name: _table(name) for name in TABLES},
    }


def _table(name: str) -> dict[str, object]:
    keys = TABLES[name]
    table: dict[str, object] = {
        "type": "object",
        "properties": {key: _value(spec) for key, spec in keys.items()},
        "additionalProperties": False,
    }
    if name in FAULT_TABLES:
        table |= {"minProperties": 1, "maxProperties": 1}
    elif name == "turn":
        table["oneOf"] = [{"required": ["reply"]}, {"required": ["fail"]}]
    elif name in REQUIRED:
        table["required"] = list(REQUIRED[name])
    return table


def _value(key: Key) -> dict[str, object]:
    reference: dict[str, object] = {"$ref": f"#/$defs/{key.table}"}
    shapes: dict[str, dict[str, object]] = {
        "table": {"anyOf": [reference, {"type": "null"}]},
        "items": {"type": "array", "items": reference},
        "table_or_text": {"anyOf": [reference, _alone(key.table)]},
        "reasoning": {
            "anyOf": [
                {"type": "string"},
                reference,
                {"type": "array", "items": {"anyOf": [reference, {"type": "string"}]}},
            ]
        },
    }
    return {**(shapes.get(key.kind) or KINDS[key.kind].schema), "description": key.about}


def _alone(table: str) -> dict[str, object]:
    return {"enum": sorted(TABLES[table])} if table in FAULT_TABLES else {"type": "string"}


def text() -> str:
    """The schema as the shipped file has it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
