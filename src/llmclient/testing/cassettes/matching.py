"""Which recording answers a request: by meaning, through an index.

A request is reduced to a key. The default key is method, host, path, query and the JSON body without the fields that
never matter; key order, nulls, `"stream": false` and the spelling of numbers do not matter either. An old suite's
`match_on` gives its own key, a part for each matcher; a matcher that is not in `PARTS` is asked about each candidate,
as vcrpy does. Keys are looked up in a dictionary, so ten thousand recordings cost no more than ten; only where no key
fits are numbers compared with a tolerance, among the recordings that are otherwise equal.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import parse_qsl, urlsplit

from llmclient.testing.cassettes.bodies import compact_json, is_json
from llmclient.testing.cassettes.recording import as_fields, header_list, header_value

if TYPE_CHECKING:
    from llmclient.testing.cassettes._vcr import VCRRequest

DEFAULT_IGNORED = (
    "user",
    "metadata",
    "stream_options",
    "safety_identifier",
    "prompt_cache_key",
    "idempotency_key",
)
"""JSON paths that never matter by default. `a.b`, `a[*].b`, `*.b`: names and list items, `*` for any."""

SEMANTIC = "llm"
"""Name of the default matcher, as it goes into `match_on`."""

_SECRET_QUERY = re.compile(r"(?i)^(?:key|api[-_]?key|subscription-key|access[-_]?token|token|sig|signature)$")
_TOLERANCE = 1e-6
_STEP = re.compile(r"[^.\[\]]+|\[\*\]|\[\d+\]")

Path: TypeAlias = tuple[str, ...]
Matcher: TypeAlias = "Callable[[VCRRequest, VCRRequest], object]"


def parse_path(text: str) -> Path:
    """Split a JSON path: `messages[*].name` is ("messages", "*", "name"). A leading `$.` is allowed."""
    return tuple(step.strip("[]") for step in _STEP.findall(text.removeprefix("$").removeprefix(".")))


@dataclass(frozen=True, slots=True)
class Key:
    """What a request is looked up by: exact first, then without its numbers, which `numbers` are compared with."""

    exact: Hashable
    loose: Hashable
    numbers: tuple[float, ...] = ()


class KeyMaker:
    """Makes keys of requests, in the way that a list of matchers asks for.

    Args:
        match_on: vcrpy's matchers by name and function, in order.
        ignored: JSON paths of the body that do not matter, for the semantic matcher.
    """

    def __init__(self, match_on: Mapping[str, Matcher], ignored: Sequence[str] = DEFAULT_IGNORED) -> None:
        self._parts = [PARTS[name] for name in match_on if name in PARTS]
        self._ignored = tuple(parse_path(path) for path in ignored)
        self.unindexed: tuple[Matcher, ...] = tuple(
            function for name, function in match_on.items() if name not in PARTS
        )
        self.names: tuple[str, ...] = tuple(match_on)

    def key(self, request: VCRRequest) -> Key:
        """The key of a request."""
        numbers: list[float] = []
        exact: list[Hashable] = []
        loose: list[Hashable] = []
        for part in self._parts:
            for_exact, for_loose = part(request, self._ignored, numbers)
            exact.append(for_exact)
            loose.append(for_loose)
        return Key(tuple(exact), tuple(loose), tuple(numbers))


def close_enough(left: Key, right: Key) -> bool:
    """Whether two requests are equal but for the last digits of their numbers."""
    return left.loose == right.loose and all(
        math.isclose(one, other, rel_tol=_TOLERANCE) for one, other in zip(left.numbers, right.numbers, strict=True)
    )


_Part: TypeAlias = "Callable[[VCRRequest, Sequence[Path], list[float]], tuple[Hashable, Hashable]]"


def _plain(read: Callable[[VCRRequest], Hashable]) -> _Part:
    def part(request: VCRRequest, ignored: Sequence[Path], numbers: list[float]) -> tuple[Hashable, Hashable]:  # noqa: ARG001
        value = read(request)
        return value, value

    return part


def _semantic(request: VCRRequest, ignored: Sequence[Path], numbers: list[float]) -> tuple[Hashable, Hashable]:
    where = (request.method, request.host, request.path or "/", _query(request))
    exact, loose = _body(request, ignored, numbers)
    return (where, exact), (where, loose)


def _json_body(request: VCRRequest, ignored: Sequence[Path], numbers: list[float]) -> tuple[Hashable, Hashable]:  # noqa: ARG001
    return _body(request, (), numbers)


def _query(request: VCRRequest) -> Hashable:
    pairs = parse_qsl(urlsplit(request.uri).query, keep_blank_values=True)
    return tuple(sorted(pair for pair in pairs if not _SECRET_QUERY.match(pair[0])))


def _raw(request: VCRRequest) -> Hashable:
    text = body_text(request)
    return compact_json(text) if text is not None and is_json(text) else body_bytes(request)


def _uri(request: VCRRequest) -> Hashable:
    parts = urlsplit(request.uri)
    return (parts.scheme, parts.netloc, parts.path or "/", _query(request))


PARTS: dict[str, _Part] = {
    SEMANTIC: _semantic,
    "method": _plain(lambda request: request.method),
    "scheme": _plain(lambda request: request.scheme),
    "host": _plain(lambda request: request.host),
    "port": _plain(lambda request: request.port),
    "path": _plain(lambda request: request.path or "/"),
    "query": _plain(_query),
    "uri": _plain(_uri),
    "body": _json_body,
    "raw_body": _plain(_raw),
}
"""A part of the key for each matcher. `headers` has none: vcrpy's own function compares them."""


def body_bytes(request: VCRRequest) -> bytes:
    """The body of vcrpy's request, whatever the client gave it as."""
    body = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if isinstance(body, (dict, list)):
        return json.dumps(body).encode()
    read = getattr(body, "read", None)
    if callable(read):
        return bytes(cast("bytes", read()))
    return b"".join(cast("Iterable[bytes]", body)) if hasattr(body, "__iter__") else str(body).encode()


def body_text(request: VCRRequest) -> str | None:
    """The body as text, None where it is none."""
    try:
        return body_bytes(request).decode()
    except UnicodeDecodeError:
        return None


def body_document(request: VCRRequest) -> object:
    """The parsed JSON body, None where it is no JSON."""
    text = body_text(request)
    if not text or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        document: object = json.loads(text)
    except ValueError:
        return None
    return document


def _body(request: VCRRequest, ignored: Sequence[Path], numbers: list[float]) -> tuple[Hashable, Hashable]:
    document = body_document(request)
    if document is None:
        digest = hashlib.sha256(_without_boundary(request)).digest()
        return digest, digest
    meaning = reduce_document(document, ignored)
    exact = json.dumps(meaning, sort_keys=True, ensure_ascii=False)
    if any(character.isdigit() for character in exact):
        loose = json.dumps(_without_numbers(meaning, numbers), sort_keys=True, ensure_ascii=False)
    else:
        loose = exact
    return exact, loose


def _without_boundary(request: VCRRequest) -> bytes:
    """Form data without the separator, which is random in every request (RFC 2046, 5.1.1)."""
    body = body_bytes(request)
    kind = header_value(header_list(dict(request.headers)), "content-type")
    match = re.search(r"boundary=\"?([^\";]+)", kind) if kind.startswith("multipart/") else None
    return body.replace(match[1].encode(), b"boundary") if match else body


def reduce_document(document: object, ignored: Sequence[Path]) -> object:
    """A request body without what does not matter."""
    reduced = _reduced(document, ignored)
    fields = as_fields(reduced)
    if fields is not None and fields.get("stream") is False:
        return {name: value for name, value in fields.items() if name != "stream"}
    return reduced


def _reduced(value: object, ignored: Sequence[Path]) -> object:
    if isinstance(value, dict):
        kept: dict[str, object] = {}
        for name, item in cast("dict[str, object]", value).items():
            if item is None or (name,) in ignored or ("*",) in ignored:
                continue
            kept[name] = _reduced(item, _below(ignored, name))
        return kept
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_reduced(item, _below(ignored, str(number))) for number, item in enumerate(items)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _below(ignored: Sequence[Path], step: str) -> tuple[Path, ...]:
    return tuple(path[1:] for path in ignored if len(path) > 1 and path[0] in (step, "*")) if ignored else ()


def _without_numbers(value: object, numbers: list[float]) -> object:
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return {name: _without_numbers(fields[name], numbers) for name in sorted(fields)}
    if isinstance(value, list):
        return [_without_numbers(item, numbers) for item in cast("list[object]", value)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        numbers.append(float(value))
        return 0
    return value


class Index:
    """The recordings of one cassette by key, each given out once, in the order they were recorded."""

    def __init__(self, maker: KeyMaker, requests: Sequence[VCRRequest], *, repeats: bool = False) -> None:
        self._maker = maker
        self._requests = requests
        self._repeats = repeats
        self._keys = [maker.key(request) for request in requests]
        self._exact: dict[Hashable, list[int]] = {}
        self._loose: dict[Hashable, list[int]] = {}
        for number, key in enumerate(self._keys):
            self._exact.setdefault(key.exact, []).append(number)
            self._loose.setdefault(key.loose, []).append(number)
        self._next: dict[Hashable, int] = {}
        self.used: set[int] = set()

    def take(self, request: VCRRequest) -> int | None:
        """The position of the next recording for `request`, None where there is none left."""
        key = self._maker.key(request)
        if not self._maker.unindexed:
            found = self._advance(key.exact)
            if found is not None:
                return found
        candidates = [number for number in self._loose.get(key.loose, ()) if self._fits(number, key, request)]
        fresh = next((number for number in candidates if number not in self.used), None)
        if fresh is None and self._repeats and candidates:
            fresh = candidates[-1]
        if fresh is not None:
            self.used.add(fresh)
        return fresh

    def _advance(self, exact: Hashable) -> int | None:
        numbers = self._exact.get(exact)
        if numbers is None:
            return None
        position = self._next.get(exact, 0)
        while position < len(numbers) and numbers[position] in self.used:
            position += 1
        self._next[exact] = position
        if position < len(numbers):
            self.used.add(numbers[position])
            return numbers[position]
        return numbers[-1] if self._repeats else None

    def _fits(self, number: int, key: Key, request: VCRRequest) -> bool:
        return close_enough(self._keys[number], key) and all(
            _agrees(matcher, request, self._requests[number]) for matcher in self._maker.unindexed
        )

    def matching(self, request: VCRRequest) -> list[int]:
        """Positions of all recordings that match, used or not."""
        key = self._maker.key(request)
        return [number for number in self._loose.get(key.loose, ()) if self._fits(number, key, request)]


def _agrees(matcher: Matcher, left: VCRRequest, right: VCRRequest) -> bool:
    try:
        result = matcher(left, right)
    except AssertionError:
        return False
    return result is None or bool(result)


def semantic_matcher(ignored: Sequence[str] = DEFAULT_IGNORED) -> Matcher:
    """The semantic matcher as a function, for the parts of vcrpy that compare two requests at a time."""
    maker = KeyMaker({SEMANTIC: lambda left, right: None}, ignored)  # noqa: ARG005 - only its name is looked at

    def llm(left: VCRRequest, right: VCRRequest) -> None:
        if not close_enough(maker.key(left), maker.key(right)):
            message = "the requests differ in meaning"
            raise AssertionError(message)

    return llm
