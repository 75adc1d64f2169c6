"""The text of a cassette file: one fixed layout, so that a diff shows what changed and nothing else.

Written by hand rather than by a YAML dumper, whose block scalars give up at the first emoji. Read by vcrpy's own
loader, so that whatever stock vcrpy wrote is read as well. Interactions are the plain dicts that vcrpy's file format
has: `{"request": {method, uri, headers, body}, "response": {status, headers, body: {string}, …}}`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypedDict, cast

from llmclient.testing.cassettes._vcr import yaml_serializer
from llmclient.testing.cassettes.bodies import YAML_TEXT, is_json, lay_out_json
from llmclient.testing.cassettes.errors import CassetteFileError
from llmclient.testing.cassettes.recording import BLOCK, as_fields, as_items

Fields: TypeAlias = Mapping[str, object]


class Interaction(TypedDict):
    """A request and its response, as the file has them."""

    request: Fields
    response: Fields


_HEAD = "version: 1\n"
_REQUEST_ORDER = ("method", "uri", "headers", "body")
_RESPONSE_ORDER = ("status", "headers", "body")


def read_interactions(text: str, path: str) -> tuple[list[Interaction], Fields]:
    """Read a file's text: its interactions and its metadata.

    Raises:
        CassetteFileError: the text is no cassette; the error names file and line.
    """
    import yaml

    try:
        document: object = yaml_serializer().deserialize(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        raise CassetteFileError(path, f"no readable YAML: {error.problem or error.context}", line=line) from error
    except (yaml.YAMLError, ValueError) as error:
        raise CassetteFileError(path, f"no readable YAML: {error}") from error
    return check_document(document, path, text)


def check_document(document: object, path: str, text: str = "") -> tuple[list[Interaction], Fields]:
    """Check that a parsed file has the shape of a cassette.

    Raises:
        CassetteFileError: it has not; the error names file and line.
    """
    top = as_fields(document)
    if top is None or not isinstance(top.get("interactions"), list):
        raise CassetteFileError(path, "no list of interactions at its top", line=1)
    found: list[Interaction] = []
    parts: tuple[tuple[str, tuple[str, ...]], ...] = (("request", ("method", "uri")), ("response", ()))
    for number, entry in enumerate(as_items(top["interactions"])):
        for part, needed in parts:
            fields = as_fields((as_fields(entry) or {}).get(part))
            missing = [name for name in needed if fields is None or name not in fields]
            if missing or fields is None:
                what = f"no {part!r}" if fields is None else f"no {missing[0]!r} in its {part}"
                problem = f"interaction {number + 1} has {what}"
                raise CassetteFileError(path, problem, line=_line_of(text, number))
        found.append(cast("Interaction", entry))
    return found, as_fields(top.get("metadata")) or {}


def _line_of(text: str, number: int) -> int | None:
    starts = [line for line, content in enumerate(text.split("\n"), 1) if content.startswith("- ")]
    return starts[number] if number < len(starts) else None


def write_interactions(interactions: Sequence[Interaction], metadata: Fields | None = None) -> str:
    """The text of a file."""
    parts = [_HEAD]
    if metadata:
        parts += ["metadata:\n", *_fields(metadata, tuple(metadata), indent=2)]
    parts.append("interactions:\n" if interactions else "interactions: []\n")
    for interaction in interactions:
        parts += ["- request:\n", *_fields(interaction["request"], _REQUEST_ORDER, indent=4)]
        parts += ["  response:\n", *_fields(interaction["response"], _RESPONSE_ORDER, indent=4)]
    return "".join(parts)


def _fields(fields: Fields, order: Sequence[str], *, indent: int) -> list[str]:
    names = [name for name in order if name in fields]
    names += sorted(name for name in fields if name not in order and name != BLOCK)
    names += [BLOCK] if BLOCK in fields else []
    return [f"{' ' * indent}{_key(name)}:{_value(fields[name], name, indent)}\n" for name in names]


def _value(value: object, name: str, indent: int) -> str:
    if isinstance(value, Mapping):
        nested = cast("Fields", value)
        if name == "status":
            return f" {{{', '.join(f'{_key(key)}: {_flow(nested[key])}' for key in nested)}}}"
        if name == "body" and "string" not in nested:
            return _scalar(json.dumps(nested, ensure_ascii=False), indent, body=True)
        order = sorted(nested) if name == "headers" else tuple(nested)
        return "\n" + "".join(_fields(nested, order, indent=indent + 2)).removesuffix("\n") if nested else " {}"
    if isinstance(value, (list, tuple)):
        items = cast("Sequence[object]", value)
        return f" [{', '.join(_flow(item) for item in items)}]"
    return _scalar(value, indent, body=name in ("body", "string"))


def _key(name: object) -> str:
    text = str(name)
    plain = text.replace("-", "").replace("_", "")
    return (
        text
        if plain.isascii() and plain.isalpha() and text not in ("y", "n", "on", "off", "yes", "no")
        else _flow(text)
    )


def _flow(value: object) -> str:
    if isinstance(value, (bytes, bytearray)):
        try:
            return _flow(bytes(value).decode())
        except UnicodeDecodeError:
            return f"!!binary {base64.b64encode(value).decode()}"
    if isinstance(value, str):
        # A JSON string is a YAML string, but for the few characters that YAML wants escaped.
        return "".join(_escape(char) for char in json.dumps(value, ensure_ascii=False))
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:
        return _flow(str(value))  # a date that YAML made of an unquoted one


def _escape(char: str) -> str:
    if YAML_TEXT.match(char):
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"  # noqa: PLR2004 - the basic plane


def _scalar(value: object, indent: int, *, body: bool) -> str:
    if isinstance(value, (bytes, bytearray)):
        data = bytes(value)
        try:
            value = data.decode()
        except UnicodeDecodeError:
            return _binary(data, indent)
    if not isinstance(value, str):
        return f" {_flow(value)}"
    if body and is_json(value):
        value = lay_out_json(value)
    return _literal(value, indent) if "\n" in value and YAML_TEXT.match(value) else f" {_flow(value)}"


def _literal(text: str, indent: int) -> str:
    lines = text.removesuffix("\n").split("\n")
    chomping = "-" if not text.endswith("\n") else "" if lines[-1] else "+"
    first = "".join(lines)[:1]  # the reader takes the margin from the first line that has anything on it
    explicit = "2" if first in ("", " ", "\t") else ""
    margin = " " * (indent + 2)
    return f" |{explicit}{chomping}\n" + "\n".join(margin + line if line else "" for line in lines)


def _binary(data: bytes, indent: int) -> str:
    encoded = base64.b64encode(data).decode()
    margin = " " * (indent + 2)
    return " !!binary |\n" + "\n".join(margin + encoded[at : at + 76] for at in range(0, len(encoded), 76))
