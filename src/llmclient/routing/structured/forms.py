"""What a type is made of, for growing objects of it: its fields by their names on the wire, and the values it takes."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    NewType,
    NotRequired,
    Required,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import AliasChoices, BaseModel, PydanticUserError, ValidationError
from pydantic_core import to_json
from typing_extensions import ReadOnly, TypeAliasType

from llmclient.routing.structured.arriving import NOTHING
from llmclient.routing.structured.target import adapter_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic.fields import FieldInfo

_TEXT: tuple[object, ...] = (str, object, typing.Any)
_MARKS = (Annotated, Required, NotRequired, ReadOnly)


def bare(form: object) -> object:
    """The type beneath its other names and what is annotated to it."""
    while True:
        if get_origin(form) in _MARKS:
            form = cast("object", get_args(form)[0])
        elif isinstance(form, NewType):
            form = cast("object", form.__supertype__)
        elif isinstance(form, TypeAliasType) and _stands_alone(form):
            form = cast("object", form.__value__)
        else:
            return form


@lru_cache(maxsize=256)
def _stands_alone(alias: TypeAliasType) -> bool:
    """Whether what a name stands for can be read without it; one that contains itself by name cannot."""
    try:
        adapter_of(cast("object", alias.__value__)).validate_json("0")
    except ValidationError:
        return True
    except PydanticUserError:
        return False
    return True


def class_of(form: object) -> type[object] | None:
    """The type where it is a class, None for a union or a list of something."""
    return cast("type[object]", form) if isinstance(form, type) and get_origin(form) is None else None


def is_text(form: object) -> bool:
    """Whether a string that is still being written can be one of this type."""
    inner = bare(form)
    if get_origin(inner) in (Union, UnionType):
        return any(is_text(member) for member in get_args(inner))
    return inner in _TEXT


def plain_value(form: object, data: object) -> object:
    """A value as the type reads it; `NOTHING` where it does not fit."""
    try:
        return _adapter(form).validate_json(to_json(data))
    except ValidationError:
        return NOTHING


def _adapter(form: object) -> TypeAdapter[object]:
    try:
        return _kept_adapter(form)
    except TypeError:  # a form that has no hash
        return adapter_of(form)


@lru_cache(maxsize=1024)
def _kept_adapter(form: object) -> TypeAdapter[object]:
    return adapter_of(form)


@lru_cache(maxsize=1024)
def fields_of(form: object) -> Mapping[str, tuple[str, object]]:
    """The fields of a model, a dataclass or a TypedDict: by each name on the wire, the attribute and its type."""
    infos = field_infos(form)
    if infos is None:
        hints = get_type_hints(cast("type[object]", form), include_extras=True)
        return {name: (name, hint) for name, hint in hints.items()}
    found: dict[str, tuple[str, object]] = {}
    for name, info in infos.items():
        hint: object = info.annotation
        for told in info.metadata:
            hint = Annotated[hint, told]
        for key in (name, *_aliases(info)):
            found[key] = (name, hint)
    return found


def field_infos(form: object) -> Mapping[str, FieldInfo] | None:
    """What pydantic knows of the fields of a model, or of a dataclass of its own."""
    kind = class_of(form)
    if kind is not None and issubclass(kind, BaseModel):
        return kind.model_fields
    infos: object = getattr(kind, "__pydantic_fields__", None)
    return cast("Mapping[str, FieldInfo] | None", infos)


def _aliases(info: FieldInfo) -> Iterator[str]:
    told = info.validation_alias
    yield from (
        alias for alias in (told.choices if isinstance(told, AliasChoices) else [told]) if isinstance(alias, str)
    )
