"""Values that a JSON schema accepts: the simplest ones, the same for the same seed.

Knows what tools and structured outputs use (JSON Schema 2020-12: types, enum, const, $ref, combinators, conditions,
bounds, lengths, formats, and patterns within reason). Where a keyword leaves a choice, one is made and looked at.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import cast

from llmclient._narrow import as_list, as_mapping, is_list, is_mapping
from llmclient.testing.patterns import example_of
from llmclient.testing.schema_accepts import Schema, accepts, found_in, is_number, same
from llmclient.testing.schema_merge import merged, resolved, without

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
    "uri-reference": "/a",
    "iri": "https://example.com/",
    "idn-email": "ada@example.com",
    "json-pointer": "/a",
    "regex": "a+",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron")
DEPTH = 6
"""How deep a schema that refers to itself is followed."""
DEEPEST = 4 * DEPTH
"""Where one that must refer to itself is given up: nothing fits it."""
TRIES = 40
"""How often a value is drawn anew that the schema, or an item's neighbours, do not accept."""


class SchemaValues:
    """Makes values.

    Args:
        seed: another seed makes other values.
    """

    def __init__(self, seed: object) -> None:
        self._random = random.Random(str(seed))  # noqa: S311 - test data, to be repeatable

    def value(self, schema: object, root: Schema | None = None, depth: int = 0) -> object:
        """A value that `schema` accepts; the nearest that was made, where none is found."""
        if not is_mapping(schema) or depth > DEEPEST:
            return None if schema is not True else "anything"
        root = schema if root is None else root
        rules = resolved(schema, root)
        made: object = None
        for attempt in range(TRIES if rules.keys() & _CHOSEN else 1):
            for form in self._forms(rules, root, depth, first=attempt == 0):
                made = self._made(form, root, depth)
                if not rules.keys() & _CHOSEN or accepts(rules, made, root):
                    return made
        return made

    def _forms(self, rules: Schema, root: Schema, depth: int, *, first: bool) -> Iterator[Schema]:
        """The rules with one choice made for every keyword that leaves one."""
        if "if" in rules:
            rest = without(rules, "if", "then", "else")
            then = merged([rest, rules["if"], rules.get("then", {})], root)
            yield from self._forms(then, root, depth, first=first)
            yield from self._forms(merged([rest, rules.get("else", {})], root), root, depth, first=first)
            return
        name = next((name for name in ("anyOf", "oneOf") if is_list(rules.get(name))), None)
        if name is None:
            yield without(rules, "not")
            return
        options = as_list(rules[name])
        if depth >= DEPTH:  # whoever refers to others would go on for ever
            options = sorted(options, key=lambda option: (_refers(option), not _is_null(option)))
        else:
            options = sorted(options, key=_is_null)
            options = options if first else self._random.sample(options, len(options))
        for option in options:
            yield from self._forms(merged([without(rules, name), option], root), root, depth, first=first)

    def _made(self, rules: Schema, root: Schema, depth: int) -> object:
        if "const" in rules:
            return rules["const"]
        if is_list(rules.get("enum")):
            options = as_list(rules["enum"])
            return self._random.choice([option for option in options if accepts(rules, option, root)] or options)
        kind = rules.get("type")
        if is_list(kind):
            kinds = [name for name in kind if name != "null"]
            kind = kinds[0] if kinds else "null"
        return self._typed(kind or _guess(rules), rules, root, depth)

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
        properties = as_mapping(rules.get("properties"))
        required = [str(name) for name in as_list(rules.get("required"))]
        wanted = [name for name in properties if name in required or depth < DEPTH]
        wanted += [name for name in required if name not in properties]
        for name in wanted:  # grows while it is read: a name that is needed may need others
            needed = as_list(as_mapping(rules.get("dependentRequired")).get(name))
            wanted += [str(other) for other in needed if other not in wanted]
        most = rules.get("maxProperties")
        if isinstance(most, int):
            wanted = sorted(wanted, key=lambda name: name not in required)[:most]
        made = {name: self.value(_entry(rules, name), root, depth + 1) for name in wanted}
        for name in self._more_names(rules):
            if len(made) >= cast("int", rules.get("minProperties", 0)):
                break
            made.setdefault(name, self.value(_entry(rules, name), root, depth + 1))
        return made

    def _more_names(self, rules: Schema) -> Iterator[str]:
        """Names that nobody asked for, to fill an object up."""
        for pattern in as_mapping(rules.get("patternProperties")):
            yield from (example_of(pattern, number) for number in range(TRIES))
        names = as_mapping(rules.get("propertyNames"))
        yield from (self._text(names) if names else f"more{number}" for number in range(TRIES))

    def _array(self, rules: Schema, root: Schema, depth: int) -> list[object]:
        items: list[object] = [self.value(item, root, depth + 1) for item in as_list(rules.get("prefixItems"))]
        others = rules.get("items", {"type": "string"})
        wanted = cast("int", rules.get("minContains", 1)) if "contains" in rules else 0
        for _ in range(wanted):
            self._add(items, merged([others, rules["contains"]], root), rules, root, depth)
        least = int(cast("int", rules.get("minItems", 0 if depth >= DEPTH or others is False else 1)))
        while len(items) < least:
            self._add(items, others, rules, root, depth)
        most = rules.get("maxItems")
        return items[:most] if isinstance(most, int) else items

    def _add(self, items: list[object], schema: object, rules: Schema, root: Schema, depth: int) -> None:
        item: object = None
        for number in range(TRIES):
            item = self.value(schema, root, depth + 1)
            if not rules.get("uniqueItems") or not any(same(item, other) for other in items):
                break
            longer = f"{item}{number}"
            if isinstance(item, str) and accepts(schema, longer, root):
                item = longer
                break
        items.append(item)

    def _number(self, rules: Schema, *, whole: bool) -> object:
        low, high = _bound(rules, "minimum", "exclusiveMinimum", 1), _bound(rules, "maximum", "exclusiveMaximum", -1)
        step = cast("float", rules.get("multipleOf", 0))
        if step:
            count = high // step if low is None and high is not None else -(-(1 if low is None else low) // step)
            return int(count * step) if whole or isinstance(step, int) else round(count * step, 9)
        if low is None:
            low = min(1, high) if high is not None else 1
        if high is None:
            high = low + 9
        high = max(low, high)  # of a choice that cannot be made: the next one will be
        if whole:
            return self._random.randint(-int(-low // 1), int(high // 1))
        return round(low + (high - low) * self._random.random(), 3) if high - low >= 1 else (low + high) / 2

    def _text(self, rules: Schema) -> str:
        least, most = rules.get("minLength"), rules.get("maxLength")
        pattern = rules.get("pattern")
        if isinstance(pattern, str):
            return example_of(pattern, least=least if isinstance(least, int) else 0)
        given = FORMATS.get(str(rules.get("format")))
        text = given if given is not None else self._random.choice(WORDS)
        if "not" in rules and given is None:
            text += str(self._random.randint(1, 99))
        if isinstance(least, int) and len(text) < least:
            text += "x" * (least - len(text))
        return text[:most] if isinstance(most, int) else text


_CHOSEN = frozenset({"anyOf", "oneOf", "not", "if", "allOf"})
"""Keywords after which what was made has to be looked at."""


def _entry(rules: Schema, name: str) -> object:
    """The schema of an object's entry."""
    known = as_mapping(rules.get("properties"))
    if name in known:
        return known[name]
    patterns = as_mapping(rules.get("patternProperties"))
    return next(
        (part for pattern, part in patterns.items() if found_in(pattern, name)), rules.get("additionalProperties", True)
    )


def _refers(option: object) -> bool:
    return "$ref" in json.dumps(option)


def _is_null(option: object) -> bool:
    return is_mapping(option) and option.get("type") == "null"


def _guess(rules: Schema) -> str:
    return next((kind for kind, names in _TOLD_BY.items() if rules.keys() & names), "string")


_TOLD_BY: Mapping[str, frozenset[str]] = {
    "object": frozenset(
        {"properties", "required", "minProperties", "additionalProperties", "patternProperties", "propertyNames"}
    ),
    "array": frozenset({"items", "prefixItems", "minItems", "uniqueItems", "contains"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
}
"""What a schema without a type is about, by its keywords."""


def _bound(rules: Schema, closed: str, opened: str, step: int) -> float | None:
    limits: list[float] = []
    if is_number(rules.get(closed)):
        limits.append(cast("float", rules[closed]))
    if is_number(rules.get(opened)):
        limits.append(cast("float", rules[opened]) + step * (1 if rules.get("type") == "integer" else 1e-9))
    if not limits:
        return None
    return max(limits) if step > 0 else min(limits)
