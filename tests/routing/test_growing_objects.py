"""`stream_parse`: every type grows, and nothing that is shown has to be taken back because it only looked complete."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Generic, Literal, NewType, NotRequired, Optional, TypedDict, TypeVar

import pydantic.dataclasses
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, JsonValue, RootModel
from typing_extensions import TypeAliasType
from typing_extensions import TypedDict as NewTypedDict

from llmclient import InvalidAnswerError, ProviderConfig, SyncModelRouter, TruncatedAnswerError
from support.animals import Cat, Dog
from support.canned import Canned, sse

T = TypeVar("T")


class Size(enum.Enum):
    S = "s"
    SMALL = "small"


class Leaf(BaseModel):
    name: str
    size: Size | None = None


class Tree(BaseModel):
    name: str
    branches: "list[Tree]" = []


class Ages(RootModel[dict[str, int]]):
    pass


class Leaves(RootModel[list[Leaf]]):
    pass


class Box(BaseModel, Generic[T]):
    content: T


class Person(TypedDict):
    name: str
    age: NotRequired[int]


class NewPerson(NewTypedDict):
    name: Annotated[str, Field(min_length=3)]


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    x: int
    tags: list[str] = dataclasses.field(default_factory=list)
    label: Annotated[str, Field(max_length=3)] = "p"


@pydantic.dataclasses.dataclass
class Priced:
    price: float = Field(ge=0, alias="cost")
    notes: list[str] = Field(default_factory=list)
    currency: str = Field(default="USD")


class Renamed(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    one: int = Field(alias="first")
    two: str = Field(validation_alias=AliasChoices("second", AliasPath("deep", "two")), default="-")
    both: str = Field(default_factory=lambda data: f"{data['one']}{data['two']}")


Number = NewType("Number", int)
Told = NewType("Told", Leaf)
Alias = TypeAliasType("Alias", list[Leaf])

SAMPLES = {
    "list of models": (list[Leaf], [{"name": "a", "size": "small"}, {"name": "b", "size": None}]),
    "dict of models": (dict[str, Leaf], {"x": {"name": "a", "size": "s"}, "y": {"name": "b", "size": "small"}}),
    "dict by numbers": (dict[int, list[int]], {"1": [2, 3], "4": [5]}),
    "union": (Cat | Dog, {"kind": "dog", "tricks": ["sit", "roll"]}),
    "discriminated": (Annotated[Cat | Dog, Field(discriminator="kind")], {"kind": "cat", "lives": 9}),
    "optional": (Optional[Leaf], {"name": "a", "size": "s"}),  # noqa: UP045 - people write it
    "recursive": (Tree, {"name": "a", "branches": [{"name": "b", "branches": [{"name": "c", "branches": []}]}]}),
    "generic": (Box[list[Leaf]], {"content": [{"name": "a", "size": "s"}]}),
    "root of a dict": (Ages, {"a": 1, "b": 23}),
    "root of a list": (Leaves, [{"name": "a", "size": "s"}]),
    "field with a root": (Box[Ages], {"content": {"a": 1}}),
    "dataclass": (Point, {"x": 12, "tags": ["a", "b"], "label": "abc"}),
    "dataclass of pydantic's": (Priced, {"cost": 1.5, "notes": ["a"], "currency": "EUR"}),
    "TypedDict": (Person, {"name": "Ann", "age": 40}),
    "list of TypedDict or None": (list[Optional[Person]], [{"name": "Ann"}, None]),  # noqa: UP045 - the same
    "union of TypedDict and dataclass": (Person | Point, {"name": "Ann", "age": 4}),
    "TypedDict with a bound": (NewPerson, {"name": "Anna"}),
    "aliases": (Renamed, {"first": 1, "second": "b", "both": "x"}),
    "NewType": (Number, 123),
    "NewType of a model": (Told, {"name": "a", "size": "s"}),
    "named type": (Alias, [{"name": "a", "size": None}]),
    "set": (set[int], [1, 20]),
    "frozenset": (frozenset[str], ["a", "bc"]),
    "tuple": (tuple[int, str], [1, "a"]),
    "tuple of any length": (tuple[Leaf, ...], [{"name": "a", "size": "s"}]),
    "enum": (Size, "small"),
    "literal": (Literal["a", "ab"], "ab"),
    "text": (str, 'é😀 \\ "x" \n [1] {"y"}'),
    "number": (float, -12.5e3),
    "whole number": (int, 1234),
    "truth": (bool, True),
    "nothing": (int | None, None),
    "date": (dt.date, "2026-01-12"),
    "moment": (dt.datetime, "2026-01-12T10:00:00Z"),
    "decimal": (Decimal, "12.50"),
    "bytes": (bytes, "abc"),
    "text or number": (int | str, "12"),
    "anything": (Box[Any], {"content": [1, {"a": "b"}]}),
    "JSON": (Box[JsonValue], {"content": {"a": [1, "b"]}}),
    "list without a type": (Box[list], {"content": ["a", 1]}),
}
"""A type, and an answer as the model writes it."""


def asked(form, text, *, size=1, finish="stop", bodies=None, shown=None):
    """Every partial, and the whole; `text` comes in pieces of `size` characters."""
    shown = [] if shown is None else shown
    cut = [text[start : start + size] for start in range(0, len(text), size)]
    deltas = [{"id": "c", "model": "m", "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in cut]
    end = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    canned = Canned(sse(*deltas, end, "data: [DONE]\n\n"))
    config = ProviderConfig(api_key="x", base_url="http://127.0.0.1:9/v1", http_client=canned)
    router = SyncModelRouter("openai/gpt-4o", providers={"openai": config})
    with router, router.stream_parse("?", response_model=form) as stream:
        shown.extend(stream)
        if bodies is not None:
            bodies.extend(canned.bodies)
        return shown, stream.parsed


def in_every_form(form, value, *, escaped=True):
    """The partials and the whole of a bare answer, and of one in the wrapping object where that is asked for."""
    bodies = []
    yield asked(form, json.dumps(value, ensure_ascii=escaped), bodies=bodies)
    schema = bodies[0]["response_format"]["json_schema"]["schema"]
    if list(schema.get("properties", ())) == ["value"]:
        yield asked(form, json.dumps({"value": value}, ensure_ascii=escaped))


@pytest.mark.parametrize(("form", "value"), SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("escaped", [True, False], ids=["escaped", "plain"])
def test_every_type_grows_to_the_whole(form, value, escaped) -> None:
    """Letter by letter, in the wrapping object or bare, as a list or a scalar of its own."""
    whole = None
    for partials, parsed in in_every_form(form, value, escaped=escaped):
        assert partials[-1] == parsed
        assert whole in (None, parsed)
        whole = parsed
        assert all(later != earlier for earlier, later in pairwise(partials))


PLACEHOLDERS = (None, "p", "-", "USD", "None-", "1-")
"""Defaults, which stand in the place of what has not arrived."""


def leaves(found):
    """Every value in a partial that is no container, by its path."""
    if isinstance(found, BaseModel):
        found = dict(found) if not isinstance(found, RootModel) else found.root
    elif dataclasses.is_dataclass(found):
        found = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    if isinstance(found, dict):
        return {(key, *path): leaf for key, value in found.items() for path, leaf in leaves(value).items()}
    if isinstance(found, list | tuple):
        return {(key, *path): leaf for key, value in enumerate(found) for path, leaf in leaves(value).items()}
    return {(): found}


@pytest.mark.parametrize(("form", "value"), SAMPLES.values(), ids=SAMPLES)
def test_what_was_shown_stands(form, value) -> None:
    """A value that is no text and no placeholder stays as it was first shown; text grows only."""
    for partials, whole in in_every_form(form, value):
        last = leaves(whole)
        for path, leaf in [item for partial in partials for item in leaves(partial).items()]:
            if isinstance(leaf, set | frozenset) or leaf in PLACEHOLDERS:
                continue
            assert last[path].startswith(leaf) if isinstance(leaf, str) else last[path] == leaf


class Bounded(BaseModel):
    price: float = Field(ge=0)
    word: str = Field(min_length=3)
    kind: Literal["a", "ab"]
    code: str = Field(pattern="^a+$", default="a")


def test_no_value_is_shown_that_its_field_would_refuse() -> None:
    partials, _ = asked(Bounded, '{"price": 10.25, "word": "abcd", "kind": "ab", "code": "aaa"}')
    assert {partial.price for partial in partials} == {None, 10.25}
    assert [word for word in dict.fromkeys(partial.word for partial in partials) if word] == ["abc", "abcd"]
    assert {partial.kind for partial in partials} == {None, "ab"}
    shown = []
    with pytest.raises(InvalidAnswerError, match="price"):
        asked(Bounded, shown=shown, text='{"price": -1, "word": "abc", "kind": "a"}')
    assert {partial.price for partial in shown} == {None}


def test_nothing_is_guessed_while_the_members_of_a_union_look_alike() -> None:
    partials, _ = asked(Cat | Dog, '{"value": {"kind": "dog", "tricks": []}}')
    assert all(isinstance(partial, Dog) for partial in partials)


def test_a_set_of_what_has_no_hash_is_shown_when_it_is_whole_or_not_at_all() -> None:
    shown = []
    with pytest.raises(InvalidAnswerError):
        asked(set[int], '{"value": [[1]]}', shown=shown)
    assert shown in ([], [set()])


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"name": "a", "size": "s"}\n```',
        'Here [as asked] it is:\n{"name": "a", "size": "s"}\nEnjoy {it}.',
        '```\n{\n  "name": "a",\n  "size": "s"\n}\n```\nDone.',
    ],
    ids=["fence", "sentences", "both"],
)
def test_what_stands_around_an_object_is_stepped_over(text) -> None:
    partials, whole = asked(Leaf, text)
    assert partials[-1] == whole == Leaf(name="a", size=Size.S)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (list[int], "```json\n[1, 2]\n```", [1, 2]),
        (list[int], "The numbers [of all] are [1, 2].", [1, 2]),
        (list[Leaf], 'Leaves:\n[{"name": "[x]"}]', [Leaf(name="[x]")]),
        (int, "```\n42\n```", 42),
        (bool, " false ", False),
        (str, '"a [1] {"', "a [1] {"),
        (Cat | Dog, 'It is {"kind": "cat", "lives": 9}.', Cat(kind="cat", lives=9)),
        (list[str], "[]", []),
        (dict[str, int], "{}", {}),
    ],
    ids=str,
)
def test_what_stands_around_any_other_json_is_stepped_over(form, text, expected) -> None:
    partials, whole = asked(form, text)
    assert whole == partials[-1] == expected


def test_an_answer_without_json_says_so_at_its_end() -> None:
    with pytest.raises(InvalidAnswerError, match="Invalid JSON"):
        asked(Leaf, "I would rather not.")
    with pytest.raises(InvalidAnswerError, match="Invalid JSON"):
        asked(list[int], "None at all.")
    with pytest.raises(TruncatedAnswerError):
        asked(list[int], "[1, 2", finish="length")


class Unhashed(list):
    """What is annotated to a type need not have a hash."""


def test_a_type_without_a_hash_grows_too() -> None:
    form = Annotated[list[Annotated[int, Field(ge=0), Unhashed()]], Unhashed()]
    partials, whole = asked(form, '{"value": [1, 2]}')
    assert partials[-1] == whole == [1, 2]


def test_values_that_no_set_can_hold_are_left_out() -> None:
    shown = []
    with pytest.raises(InvalidAnswerError):
        asked(Box[set[Any]], '{"content": [[1], 2]}', shown=shown)
    assert all(not partial.content for partial in shown)


def test_a_list_in_the_place_of_a_model_is_not_shown() -> None:
    shown = []
    with pytest.raises(InvalidAnswerError):
        asked(Box[Leaf], '{"content": [{"name": "a"}]}', shown=shown)
    assert {partial.content for partial in shown} == {None}


def test_the_whole_is_there_when_the_stream_has_ended() -> None:
    end = {"id": "c", "choices": [{"index": 0, "delta": {"content": "[1]"}, "finish_reason": "stop"}]}
    canned = Canned(sse(end, "data: [DONE]\n\n"))
    config = ProviderConfig(api_key="x", base_url="http://127.0.0.1:9/v1", http_client=canned)
    with SyncModelRouter("openai/gpt-4o", providers={"openai": config}) as router:
        stream = router.stream_parse("?", response_model=list[int])
        with stream:
            with pytest.raises(RuntimeError, match="read the stream to its end first"):
                _ = stream.parsed
            assert list(stream) == [[1]]
            assert list(stream) == []
        assert stream.parsed == [1]
        assert stream.response.text == "[1]"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON, size=st.integers(1, 7))
def test_any_json_comes_whole_in_pieces_of_any_size(value, size) -> None:
    partials, whole = asked(Box[JsonValue], json.dumps({"content": value}), size=size)
    assert partials[-1] == whole == Box[JsonValue](content=value)
