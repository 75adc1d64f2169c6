"""The one place that touches vcrpy: what of it is used, as protocols, and how a cassette of its own is reached.

vcrpy is not typed; a protocol says what we rely on. Two names of it are private, `_match_on` and `_custom_patches`:
both are plain values of documented options (`match_on`, `custom_patches`), which can be given but not read or extended.
"""

# pyright: reportPrivateUsage=false
# The two private names are told of above, and stand nowhere else.

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from llmclient.testing.cassettes.matching import Matcher


class VCRRequest(Protocol):
    """vcrpy's request."""

    method: str
    uri: str

    @property
    def body(self) -> object: ...
    @property
    def headers(self) -> MutableMapping[str, str]: ...
    @property
    def scheme(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int | None: ...
    @property
    def path(self) -> str: ...


class VCRCassette(Protocol):
    """vcrpy's cassette."""

    data: list[tuple[VCRRequest, dict[str, object]]]
    play_counts: Counter[int]
    record_mode: str
    allow_playback_repeats: bool
    _match_on: Sequence[Matcher]
    _played_interactions: list[tuple[VCRRequest, dict[str, object]]]

    @property
    def path(self) -> str: ...
    @property
    def write_protected(self) -> bool: ...
    def append(self, request: VCRRequest, response: dict[str, object]) -> None: ...
    def filter_request(self, request: VCRRequest) -> VCRRequest | None: ...


class Persister(Protocol):
    """What vcrpy loads and saves through."""

    def load_cassette(
        self, cassette_path: str, serializer: object
    ) -> tuple[list[VCRRequest], list[dict[str, object]], Mapping[str, object]]: ...
    def save_cassette(self, cassette_path: str, cassette_dict: Mapping[str, object], serializer: object) -> None: ...


class Serializer(Protocol):
    """What turns a cassette's document into text and back."""

    def deserialize(self, cassette_string: str) -> object: ...
    def serialize(self, cassette_dict: object) -> str: ...


class VCRConfig(Protocol):
    """vcrpy's `VCR`: what a cassette is opened with."""

    match_on: Sequence[str]
    skip_patchers: Sequence[str]
    persister: object
    _custom_patches: tuple[tuple[object, str, object], ...]

    def register_persister(self, persister: Persister) -> None: ...
    def register_matcher(self, name: str, matcher: Matcher) -> None: ...
    def use_cassette(self, path: str, **options: object) -> AbstractContextManager[VCRCassette]: ...


OURS = ("httpx", "httpx2", "aiohttp")
"""Patchers of vcrpy that ours stand in for."""


def make_request(method: str, uri: str, body: object, headers: Mapping[str, object]) -> VCRRequest:
    """A request of vcrpy's with these parts."""
    return cast("VCRRequest", import_module("vcr.request").Request(method, uri, body, headers))


def make_vcr(**options: object) -> VCRConfig:
    """A `VCR` of these options."""
    return cast("VCRConfig", import_module("vcr").VCR(**options))


def yaml_serializer() -> Serializer:
    """The serializer that vcrpy uses unless told otherwise."""
    return cast("Serializer", import_module("vcr.serializers.yamlserializer"))


def not_found() -> Exception:
    """What a persister raises where there is no file."""
    return cast("Exception", import_module("vcr.persisters.filesystem").CassetteNotFoundError())


def patcher_names() -> tuple[str, ...]:
    """The names of all patchers of vcrpy, for `skip_patchers`."""
    return cast("tuple[str, ...]", import_module("vcr.patch").PATCHER_NAMES)


def matchers(cassette: VCRCassette) -> dict[str, Matcher]:
    """The matchers a cassette was opened with, by name."""
    return {getattr(function, "__name__", repr(function)): function for function in cassette._match_on}  # noqa: SLF001


def mark_played(cassette: VCRCassette, index: int) -> tuple[VCRRequest, dict[str, object]]:
    """Count a recording as played, as vcrpy does, so that `play_count`, `all_played` and its options keep working."""
    pair = cassette.data[index]
    if cassette.play_counts[index] == 0:
        cassette._played_interactions.append(pair)  # noqa: SLF001 - for drop_unused_requests
    cassette.play_counts[index] += 1
    return pair


def mode_of(cassette: VCRCassette) -> str:
    """The record mode as its word."""
    return str(getattr(cassette.record_mode, "value", cassette.record_mode))


def listen(config: VCRConfig, opened: Callable[[VCRCassette], None], closed: Callable[[], None]) -> None:
    """Be told when a cassette of this configuration opens and closes, exactly as long as vcrpy's own patches last."""
    patch = type("OpenCassette", (), {"cassette": None})
    config._custom_patches = (*config._custom_patches, (_Listener(opened, closed), "cassette", patch))  # noqa: SLF001


class _Listener:
    """A target for vcrpy to patch: vcrpy sets the attribute when a cassette opens and takes it back when it closes."""

    cassette: object = None

    def __init__(self, opened: Callable[[VCRCassette], None], closed: Callable[[], None]) -> None:
        self.__dict__.update(opened=opened, closed=closed)

    def __setattr__(self, name: str, value: object) -> None:
        # vcrpy hands in a subclass of the patch whose `cassette` is the one that opens.
        self.__dict__["opened"](cast("_Listener", value).cassette)
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        del self.__dict__[name]
        self.__dict__["closed"]()
