"""Values that a JSON schema accepts: the simplest ones, the same for the same seed.

Knows what tools and structured outputs use (JSON Schema 2020-12: types, enum, const, $ref, combinators, bounds,
lengths, formats, and patterns within reason).
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import cast

from llmclient.testing.patterns import example_of

FORMATS: Mapping[str, str] = {
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron")
DEPTH = 6
"""How deep a schema that refers to itself is followed."""

Schema = Mapping[str, object]


class SchemaValues:
    """Makes values.

    Args:
        seed: another seed makes other values.
    """

    def __init__(self, seed: object) -> None:
        self._random = random.Random(str(seed))  # noqa: S311 - test data, to be repeatable

    def value(self, schema: object, root: Schema | None = None, depth: int = 0) -> object:
        """A value that `schema` accepts."""
        if not isinstance(schema, Mapping):
            return None if schema is False else "anything"
        rules = cast("Schema", schema)
        root = rules if root is None else root
        rules = _resolved(rules, root)
        if "const" in rules:
            return rules["const"]
        if isinstance(rules.get("enum"), Sequence):
            return self._random.choice(list(cast("Sequence[object]", rules["enum"])))
        for combinator in ("anyOf", "oneOf"):
            options = rules.get(combinator)
            if isinstance(options, Sequence):
                return self._option(cast("Sequence[object]", options), root, depth)
        kind = rules.get("type")
        if isinstance(kind, Sequence) and not isinstance(kind, str):
            kinds = [name for name in cast("Sequence[object]", kind) if name != "null"]
            kind = kinds[0] if kinds else "null"
        return self._typed(kind or _guess(rules), rules, root, depth)

    def _option(self, options: Sequence[object], root: Schema, depth: int) -> object:
        chosen = [option for option in options if not _is_null(option)]
        if depth >= DEPTH and len(chosen) < len(options):
            return None
        return self.value(chosen[0] if chosen else options[0], root, depth + 1)

    def _typed(self, kind: object, rules: Schema, root: Schema, depth: int) -> object:
        if kind == "object":
            return self._object(rules, root, depth)
        if kind == "array":
            return self._array(rules, root, depth)
        if kind in ("integer", "number"):
            return self._number(rules, whole=kind == "integer")
        if kind == "boolean":
            return self._random.random() < 0.5  # noqa: PLR2004 - one of two
        return None if kind == "null" else self._text(rules)

    def _object(self, rules: Schema, root: Schema, depth: int) -> dict[str, object]:
        properties = cast("Schema", rules.get("properties") or {})
        required = set(cast("Sequence[str]", rules.get("required") or ()))
        wanted = [name for name in properties if name in required or depth < DEPTH]
        return {name: self.value(properties[name], root, depth + 1) for name in wanted}

    def _array(self, rules: Schema, root: Schema, depth: int) -> list[object]:
        first = [self.value(item, root, depth + 1) for item in cast("Sequence[object]", rules.get("prefixItems") or ())]
        least = int(cast("int", rules.get("minItems", 0 if depth >= DEPTH else 1)))
        items: list[object] = list(first)
        while len(items) < least:
            item = self.value(rules.get("items", {"type": "string"}), root, depth + 1)
            if rules.get("uniqueItems") and item in items:
                item = f"{item}{len(items)}" if isinstance(item, str) else len(items)
            items.append(item)
        most = rules.get("maxItems")
        return items[:most] if isinstance(most, int) else items

    def _number(self, rules: Schema, *, whole: bool) -> object:
        low, high = _bound(rules, "minimum", "exclusiveMinimum", 1), _bound(rules, "maximum", "exclusiveMaximum", -1)
        step = cast("float", rules.get("multipleOf", 0))
        if low is None:
            low = min(1.0, high) if high is not None else 1.0
        if high is None:
            high = low + 9
        if step:
            return (int if whole else float)(-(-low // step) * step)
        if whole:
            return self._random.randint(-int(-low // 1), int(high // 1))
        return round(low + (high - low) * self._random.random(), 3) if high - low >= 1 else (low + high) / 2

    def _text(self, rules: Schema) -> str:
        pattern = rules.get("pattern")
        if isinstance(pattern, str):
            return example_of(pattern)
        given = FORMATS.get(str(rules.get("format")))
        text = given if given is not None else self._random.choice(WORDS)
        least, most = rules.get("minLength"), rules.get("maxLength")
        if isinstance(least, int) and len(text) < least:
            text += "x" * (least - len(text))
        return text[:most] if isinstance(most, int) else text


def _resolved(rules: Schema, root: Schema) -> Schema:
    """The schema with its `$ref` followed and its `allOf` merged."""
    reference = rules.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        found = root
        for part in re.findall(r"[^/]+", reference[1:]):
            found = cast("Schema", found[part.replace("~1", "/").replace("~0", "~")])
        rest = {name: value for name, value in rules.items() if name != "$ref"}
        return _resolved({**found, **rest}, root)
    parts = rules.get("allOf")
    if not isinstance(parts, Sequence):
        return rules
    merged: dict[str, object] = {name: value for name, value in rules.items() if name != "allOf"}
    for part in cast("Sequence[Schema]", parts):
        for name, value in _resolved(part, root).items():
            held = merged.get(name)
            if name == "properties" and isinstance(held, Mapping):
                merged[name] = {**cast("Schema", held), **cast("Schema", value)}
            elif name == "required" and isinstance(held, Sequence):
                merged[name] = [*cast("Sequence[object]", held), *cast("Sequence[object]", value)]
            else:
                merged[name] = value
    return merged


def _is_null(option: object) -> bool:
    return isinstance(option, Mapping) and cast("Schema", option).get("type") == "null"


def _guess(rules: Schema) -> str:
    return "object" if "properties" in rules else "array" if "items" in rules else "string"


def _bound(rules: Schema, closed: str, opened: str, step: int) -> float | None:
    limits: list[float] = []
    if isinstance(rules.get(closed), int | float):
        limits.append(float(cast("float", rules[closed])))
    if isinstance(rules.get(opened), int | float):
        limits.append(float(cast("float", rules[opened])) + step * (1 if rules.get("type") == "integer" else 1e-3))
    if not limits:
        return None
    return max(limits) if step > 0 else min(limits)
