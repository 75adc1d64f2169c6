"""The type an answer shall have: its JSON schema, and reading an answer as one of it.

Vendors take objects only, so that any other type (a list, a union, an enum, a number) travels in an object with the one
field `value`. What each vendor's strict mode wants of a schema is its encoder's business.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from functools import lru_cache
from json import JSONDecoder
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Generic,
    NotRequired,
    Required,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from pydantic import PydanticUserError, TypeAdapter, ValidationError, create_model

from llmclient.errors import RequestError
from llmclient.routing.structured.arriving import json_start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from llmclient.types.messages import JSONObject

T = TypeVar("T")

WRAPPER_FIELD = "value"
_UNREADABLE = (
    "response_model {form!r} is no type that an answer can have; pass a pydantic model, a dataclass, a TypedDict, or a "
    "list or union of such ({why})"
)
_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 64


class InvalidTextError(Exception):
    """An answer does not fit; `problems` has a sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(*problems)
        self.problems = problems


def adapter_of(form: object) -> TypeAdapter[object]:
    """The validator of any type form."""
    make = cast("Callable[[object], TypeAdapter[object]]", TypeAdapter)
    return make(form)


class Target(Generic[T]):
    """A type that answers shall have."""

    def __init__(self, form: object) -> None:
        self.form: object = _usable(form)
        try:
            plain = adapter_of(self.form)
            schema = _with_root(plain.json_schema())
        except PydanticUserError as error:
            raise RequestError(_UNREADABLE.format(form=form, why=str(error).partition("\n")[0])) from error
        self.wrapped: bool = schema.get("type") != "object"
        self.name: str = (
            _NAME.sub("_", getattr(form, "__name__", "") or str(form))[:_LONGEST_NAME].strip("_") or "Answer"
        )
        self._plain = plain
        self._wrapper: TypeAdapter[object] | None = None
        if self.wrapped:
            make = cast("Callable[..., type[BaseModel]]", create_model)
            self._wrapper = adapter_of(make(self.name, **{WRAPPER_FIELD: (self.form, ...)}))
            schema = self._wrapper.json_schema()
        self.schema: JSONObject = schema

    @property
    def response_format(self) -> JSONObject:
        """The parameter that asks for this type."""
        wanted: JSONObject = {"name": self.name, "schema": self.schema, "strict": True}
        description = self.schema.get("description")
        if isinstance(description, str):
            wanted["description"] = description
        return {"type": "json_schema", "json_schema": wanted}

    def read(self, text: str) -> T:
        """Read an answer.

        Raises:
            InvalidTextError: it does not fit.
        """
        said = _json_in(text, objects_only=not self.wrapped)
        try:
            if self._wrapper is None:
                return cast("T", self._plain.validate_json(said))
            return cast("T", getattr(self._wrapper.validate_json(said), WRAPPER_FIELD))
        except ValidationError as error:
            if self._wrapper is not None and all(_is_elsewhere(problem) for problem in error.errors()):
                # A model that is told in the prompt may answer with the list itself.
                with suppress(ValidationError):
                    return cast("T", self._plain.validate_json(said))
            raise InvalidTextError(
                [
                    f"{'.'.join(str(step) for step in problem['loc']) or 'the answer'}: {problem['msg']}"
                    for problem in error.errors(include_url=False, include_context=False, include_input=False)
                ]
            ) from error


def _is_elsewhere(problem: ErrorDetails) -> bool:
    """Whether the answer is no object, or one without the field."""
    return problem["loc"] == () or (problem["loc"] == (WRAPPER_FIELD,) and problem["type"] == "missing")


def _with_root(schema: JSONObject) -> JSONObject:
    """A schema that begins with the object itself, where it is a reference to one (a model that contains itself)."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    definitions = cast("dict[str, JSONObject]", schema.get("$defs", {}))
    return {**definitions.get(reference.removeprefix("#/$defs/"), {}), "$defs": definitions}


@lru_cache(maxsize=256)
def _cached_target(form: object) -> Target[object]:
    return Target(form)


def target_of(form: object) -> Target[object]:
    """The target for a type; kept, because building its validator takes milliseconds."""
    try:
        return _cached_target(form)
    except TypeError:  # a form that has no hash
        return Target(form)


def _json_in(text: str, *, objects_only: bool) -> str:
    """The JSON in an answer, without what stands before and behind it."""
    stripped = text.strip()
    if stripped[:1] + stripped[-1:] in ("{}", "[]"):
        return stripped
    start = json_start(stripped, objects_only=objects_only)
    if start < 0:
        return stripped
    try:
        end = JSONDecoder().raw_decode(stripped, start)[1]
    except ValueError:
        return stripped[start:]
    return stripped[start:end]


def _usable(form: object) -> object:
    """`typing.TypedDict`s as pydantic can read them: before Python 3.12 it needs those of `typing_extensions`."""
    if sys.version_info >= (3, 12):
        return form
    if is_typeddict(form) and type(form).__module__ == "typing":
        from typing_extensions import TypedDict

        make = cast("Callable[[str, dict[str, object]], object]", TypedDict)
        return make(getattr(form, "__name__", "Answer"), _fields_of(cast("type[object]", form)))
    origin, arguments = get_origin(form), cast("tuple[object, ...]", get_args(form))
    usable = tuple(_usable(argument) for argument in arguments)
    if all(new is old for new, old in zip(usable, arguments, strict=True)):
        return form
    if origin is Annotated:
        return _subscribed(Annotated, usable)
    return _subscribed(Union if origin is UnionType else origin, usable)


def _subscribed(origin: object, arguments: tuple[object, ...]) -> object:
    return cast("Mapping[object, object]", origin)[arguments if arguments[1:] else next(iter(arguments))]


def _fields_of(form: type[object]) -> dict[str, object]:
    required = cast("frozenset[str]", getattr(form, "__required_keys__", ()))
    fields: dict[str, object] = {}
    for name, hint in get_type_hints(form, include_extras=True).items():
        # Where annotations are strings, `__required_keys__` has not seen the marks; the hints have.
        marked = get_origin(hint) in (Required, NotRequired)
        mark: object = get_origin(hint) if marked else Required if name in required else NotRequired
        bare: object = get_args(hint)[0] if marked else hint
        fields[name] = cast("Mapping[object, object]", mark)[_usable(bare)]
    return fields
