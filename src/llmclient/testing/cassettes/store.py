"""Files: read whole, written whole, merged with what others wrote meanwhile, never with a secret in them.

A file is replaced by a finished temporary file in one step, so that a killed run leaves the old one. Meanwhile the
folder is locked, and what was added to the file since it was loaded is kept: of equal requests, as many as the writer
who has most of them. `save_cassette` never raises: vcrpy would leave its patches in place. The error waits in
`failure` for whoever opened the cassette.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Generator, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

from llmclient.testing.cassettes._vcr import VCRRequest, make_request, not_found, yaml_serializer
from llmclient.testing.cassettes.errors import CassetteFileError, SecretInCassetteError
from llmclient.testing.cassettes.layout import (
    Fields,
    Interaction,
    check_document,
    read_interactions,
    write_interactions,
)
from llmclient.testing.cassettes.recording import BLOCK, as_fields
from llmclient.testing.cassettes.scrub import environment_secrets, find_secrets
from llmclient.testing.cassettes.scrubbing import scrub_interaction

ORIGIN = "_llmclient_origin"
"""Marks a loaded response in memory, never in a file: "main" or "extra"; one without was recorded now."""
ORDER = "_llmclient_order"
"""In memory only: when the request of a recording was made, so that concurrent calls are stored in that order."""

_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")

KeyOf = Callable[[VCRRequest], Hashable]


class CassetteStore:
    """vcrpy's persister for one cassette.

    Args:
        extra_paths: further files to replay from; they are never written.
        rewrite: replace what the file held before `started`.
        started: seconds since the epoch when this run began; a file newer than that was written by this run.
        key_of: what makes two requests equal, for merging.
    """

    def __init__(
        self,
        *,
        extra_paths: Sequence[str] = (),
        rewrite: bool = False,
        started: float,
        key_of: KeyOf,
    ) -> None:
        self._extra_paths = tuple(extra_paths)
        self._rewrite = rewrite
        self._started = started
        self._key_of = key_of
        self._before: list[Interaction] = []
        self.known: set[str] = set()
        self.written_by_this_run: bool = False
        self.existed: bool = False
        self.discard: bool = False
        self.failure: Exception | None = None

    # --- vcrpy's interface

    def load_cassette(
        self, cassette_path: str, serializer: object
    ) -> tuple[list[VCRRequest], list[dict[str, object]], Fields]:
        """Read the file and the extra files.

        Raises:
            CassetteFileError: one of them is no cassette.
            FileNotFoundError: there is none (vcrpy's `CassetteNotFoundError`).
        """
        path = Path(cassette_path)
        self.existed = path.is_file()
        self.written_by_this_run = self.existed and path.stat().st_mtime >= self._started
        main, metadata = load_file(path, serializer)
        self._before = main
        if self._rewrite and not self.written_by_this_run:
            main, metadata = list[Interaction](), dict[str, object]()
        requests: list[VCRRequest] = []
        responses: list[dict[str, object]] = []
        extras = [load_file(Path(extra), serializer)[0] for extra in dict.fromkeys(self._extra_paths)]
        for origin, interactions in (("main", main), *(("extra", extra) for extra in extras)):
            for interaction in interactions:
                requests.append(to_request(interaction))
                responses.append({**_bytes_body(interaction["response"]), ORIGIN: origin})
        if not requests:
            raise not_found()
        return requests, responses, metadata

    def save_cassette(self, cassette_path: str, cassette_dict: Mapping[str, object], serializer: object) -> None:
        """Write the file, unless the test failed; what goes wrong waits in `failure`."""
        if self.discard or self.failure is not None:
            return
        try:
            self._save(Path(cassette_path), cassette_dict, serializer)
        except (OSError, SecretInCassetteError, CassetteFileError) as error:
            self.failure = error

    def check_recorded(self, data: Sequence[tuple[VCRRequest, Mapping[str, object]]]) -> None:
        """Search what was recorded for secrets before anything is written.

        Raises:
            SecretInCassetteError: there is one; nothing will be written.
        """
        fresh = [_interaction(*pair) for pair in data if ORIGIN not in pair[1]]
        if fresh:
            clean = [scrub_interaction(interaction, self.known) for interaction in fresh]
            check_text(write_interactions(clean), "the cassette", self.known)

    def _save(self, path: Path, cassette_dict: Mapping[str, object], serializer: object) -> None:
        requests = cast("Sequence[VCRRequest]", cassette_dict["requests"])
        responses = cast("Sequence[dict[str, object]]", cassette_dict["responses"])
        pairs = [pair for pair in zip(requests, responses, strict=True) if pair[1].get(ORIGIN) != "extra"]
        loaded = [_interaction(*pair) for pair in pairs if ORIGIN in pair[1]]
        fresh = [pair for pair in pairs if ORIGIN not in pair[1]]
        fresh.sort(key=lambda pair: cast("int", pair[1].get(ORDER, 0)))
        recorded = [scrub_interaction(_interaction(*pair), self.known) for pair in fresh]
        metadata = cast("Fields", cassette_dict.get("metadata") or {})
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.parent):
            there, kept_metadata = load_file(path, serializer)
            added = _subtract(there, Counter(_digest(interaction) for interaction in self._before))
            result = [*loaded, *added, *self._not_among(added, recorded)]
            self._settle(result)
            text = dump(result, {**kept_metadata, **metadata}, serializer)
            check_text(text, str(path), self.known)
            replace_file(path, text)

    def _not_among(self, added: Sequence[Interaction], recorded: Sequence[Interaction]) -> list[Interaction]:
        """What was recorded here and not by another process too, so that equal requests are not stored twice."""
        theirs = Counter(self._key_of(to_request(interaction)) for interaction in added)
        kept: list[Interaction] = []
        for interaction in recorded:
            key = self._key_of(to_request(interaction))
            if theirs[key] > 0:
                theirs[key] -= 1
            else:
                kept.append(interaction)
        return kept

    def _settle(self, result: list[Interaction]) -> None:
        """Keep the old text of what was recorded again and came out the same: only times would differ."""
        before = {_digest(interaction, timing=False): interaction for interaction in self._before}
        for number, interaction in enumerate(result):
            result[number] = before.get(_digest(interaction, timing=False), interaction)


def load_file(path: Path, serializer: object = None) -> tuple[list[Interaction], Fields]:
    """Read one file; a missing or empty one has no interactions.

    Raises:
        CassetteFileError: the file is no cassette.
    """
    try:
        stat = path.stat()
    except FileNotFoundError:
        return [], {}
    found, metadata = _parsed(path, (stat.st_ino, stat.st_mtime_ns, stat.st_size), serializer)
    return list(found), metadata


@lru_cache(maxsize=16)  # tests that share a file read it once; nobody changes what was read
def _parsed(path: Path, version: tuple[int, int, int], serializer: object) -> tuple[Sequence[Interaction], Fields]:  # noqa: ARG001 - the version is a part of the key
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CassetteFileError(str(path), f"not UTF-8: {error.reason} at byte {error.start}") from error
    if not text.strip():
        return [], {}
    if _is_yaml(path, serializer):
        return read_interactions(text, str(path))
    deserialize = getattr(serializer, "deserialize", json.loads)
    try:
        return check_document(deserialize(text), str(path))
    except json.JSONDecodeError as error:
        raise CassetteFileError(str(path), f"no readable JSON: {error.msg}", line=error.lineno) from error


def _is_yaml(path: Path, serializer: object) -> bool:
    if serializer is None:
        return path.suffix != ".json"
    return serializer is yaml_serializer()


def dump(interactions: Sequence[Interaction], metadata: Fields, serializer: object = None) -> str:
    """The text of a file, in our layout for YAML, through the suite's own serializer otherwise."""
    if _is_yaml(Path("_.yaml"), serializer):
        return write_interactions(interactions, metadata)
    serialize = cast("Callable[[object], str]", getattr(serializer, "serialize", json.dumps))
    plain = [_text_bodies(interaction) for interaction in interactions]
    return serialize({"version": 1, "interactions": plain, **({"metadata": metadata} if metadata else {})})


def check_text(text: str, path: str, known: Iterable[str] = ()) -> None:
    """Search a finished text for secrets.

    Raises:
        SecretInCassetteError: there is one; the error tells lines and rules, never the secret.
    """
    findings = find_secrets(text, {*environment_secrets(), *known})
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if not findings and plain != text:
        findings = find_secrets(plain, {*environment_secrets(), *known})
    if findings or find_secrets(path, environment_secrets()):
        lines = [f"line {text.count(chr(10), 0, finding.start) + 1}: {finding.rule}" for finding in findings]
        raise SecretInCassetteError(path, lines or ["the file's own name"])


def replace_file(path: Path, text: str) -> None:
    """Put `text` in place of a file in one step. The folder is locked; leftovers of killed writers are removed."""
    for leftover in path.parent.glob(f".{_glob_safe(path.name)}.*.tmp"):
        leftover.unlink(missing_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    if len(temporary.name) > 255:  # noqa: PLR2004 - the usual limit of a file name
        temporary = path.with_name(f".{hash(path.name) & 0xFFFFFFFF:x}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _glob_safe(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None, None, None]:
    """Hold the folder against every other process that writes cassettes into it."""
    try:
        import fcntl
    except ImportError:  # Windows has no lock on folders
        with _locked_by_file(folder):
            yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _locked_by_file(folder: Path) -> Generator[None, None, None]:
    import hashlib
    import importlib
    import tempfile

    msvcrt = importlib.import_module("msvcrt")
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"llmclient-{name}.lock").open("w") as file:
        while True:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten tries, a second apart
                break
            except OSError:
                continue
        try:
            yield
        finally:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)


# --- between the file's shape and vcrpy's ---------------------------------------------------------------------------


def to_request(interaction: Interaction) -> VCRRequest:
    """The request of an interaction, as vcrpy has it."""
    request = interaction["request"]
    headers = cast("Mapping[str, object]", request.get("headers") or {})
    return make_request(str(request["method"]), str(request["uri"]), request.get("body"), headers)


def _bytes_body(response: Fields) -> dict[str, object]:
    body = as_fields(response.get("body")) or {}
    string = body.get("string")
    return {**response, "body": {**body, "string": string.encode()}} if isinstance(string, str) else dict(response)


def _interaction(request: VCRRequest, response: Mapping[str, object]) -> Interaction:
    headers = {name: [value] for name, value in request.headers.items()}
    fields = {"method": request.method, "uri": request.uri, "headers": headers, "body": _stored_body(request.body)}
    kept = {name: value for name, value in response.items() if name not in (ORIGIN, ORDER)}
    return {"request": fields, "response": kept}


def _stored_body(body: object) -> object:
    read = getattr(body, "read", None)
    if callable(read):
        return read()
    if body is None or isinstance(body, (str, bytes, bytearray)):
        return body
    if isinstance(body, (dict, list)):
        return cast("object", body)
    return b"".join(cast("Iterable[bytes]", body))


def _text_bodies(interaction: Interaction) -> dict[str, object]:
    request, response = dict(interaction["request"]), dict(interaction["response"])
    request["body"] = _as_text(request.get("body"))
    body = as_fields(response.get("body"))
    if body is not None and "string" in body:
        response["body"] = {**body, "string": _as_text(body["string"])}
    return {"request": request, "response": response}


def _as_text(value: object) -> object:
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value


def _digest(interaction: Interaction, *, timing: bool = True) -> str:
    """An interaction's content as one text; without `timing`, of what a second recording would repeat."""
    response = dict(interaction["response"])
    extra = as_fields(response.pop(BLOCK, None))
    if extra is not None:
        moving = () if timing else ("recorded", "after", "chunks")
        response[BLOCK] = {name: value for name, value in extra.items() if name not in moving}
    return write_interactions([{"request": interaction["request"], "response": response}])


def _subtract(there: Sequence[Interaction], base: Counter[str]) -> list[Interaction]:
    left = Counter(base)
    added: list[Interaction] = []
    for interaction in there:
        digest = _digest(interaction)
        if left[digest] > 0:
            left[digest] -= 1
        else:
            added.append(interaction)
    return added
