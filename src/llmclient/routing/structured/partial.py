"""Objects while they grow: what has arrived of an answer, as an object of the wanted type.

Every value that is handed on is valid for its field. What has not arrived is the field's default, or None; a value
that is not complete enough to be valid yet is left out. Models and dataclasses are built without their validators of
the whole, which could not hold for a part.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from llmclient.routing.structured.target import WRAPPER_FIELD, adapter_of

if TYPE_CHECKING:
    from collections.abc import Sized

    from _typeshed import DataclassInstance
    from pydantic import TypeAdapter

    from llmclient.routing.structured.target import Target

NOTHING: Final = object()
"""Where nothing valid has arrived yet."""


def partial_object(target: Target[object], text: str) -> object:
    """What has arrived, as an object; `NOTHING` where that is none yet."""
    start = text.find("{")
    if start < 0:
        return NOTHING
    try:
        data: object = from_json(text[start:], allow_partial="trailing-strings")
    except ValueError:
        return NOTHING
    if target.wrapped:
        fields = cast("dict[str, object]", data) if isinstance(data, dict) else {}
        return grown(target.form, fields[WRAPPER_FIELD]) if WRAPPER_FIELD in fields else NOTHING
    return grown(target.form, data)


def grown(form: object, data: object) -> object:
    """`data` as an object of type `form`, as far as it goes; `NOTHING` where it does not go at all."""
    origin, arguments = get_origin(form), cast("tuple[object, ...]", get_args(form))
    if origin is Annotated:
        return grown(arguments[0], data)
    if origin in (Union, types.UnionType):
        return max((grown(member, data) for member in arguments), key=_fit, default=NOTHING)
    if origin in (list, Sequence) and isinstance(data, list):
        items = [grown(arguments[0], item) for item in cast("list[object]", data)]
        return [item for item in items if item is not NOTHING]
    if isinstance(data, Mapping):
        return _from_fields(form, cast("Mapping[str, object]", data))
    return _plain(form, data)


def _fit(found: object) -> int:
    """How much of the data a member of a union has a place for."""
    if found is NOTHING:
        return -1
    if isinstance(found, BaseModel):
        return len(found.model_fields_set)
    if dataclasses.is_dataclass(found):
        return sum(getattr(found, field.name) is not None for field in dataclasses.fields(found))
    return len(cast("Sized", found)) if isinstance(found, Mapping | list) else 1


def _from_fields(form: object, data: Mapping[str, object]) -> object:
    if is_typeddict(form):
        return _values(_hints(form), data)
    if not isinstance(form, type):
        return _plain(form, data)
    kind = cast("type[object]", form)
    if issubclass(kind, BaseModel):
        return _model(kind, data)
    return _dataclass(kind, data) if dataclasses.is_dataclass(kind) else _plain(kind, data)


def _plain(form: object, data: object) -> object:
    try:
        return _adapter(form).validate_python(data)
    except ValidationError:
        return NOTHING


@lru_cache(maxsize=1024)
def _adapter(form: object) -> TypeAdapter[object]:
    return adapter_of(form)


def _hints(form: object) -> Mapping[str, object]:
    return get_type_hints(cast("type[object]", form))


def _values(hints: Mapping[str, object], data: Mapping[str, object]) -> dict[str, object]:
    found = {name: grown(hints[name], value) for name, value in data.items() if name in hints}
    return {name: value for name, value in found.items() if value is not NOTHING}


def _model(form: type[BaseModel], data: Mapping[str, object]) -> BaseModel:
    fields = form.model_fields
    names = {(info.alias or name): name for name, info in fields.items()}
    hints = {name: info.annotation for name, info in fields.items()}
    values = _values(hints, {names[key]: value for key, value in data.items() if key in names})
    missing = {name: None for name, info in fields.items() if info.is_required() and name not in values}
    return form.model_construct(_fields_set=set(values), **missing, **values)


def _dataclass(form: type[object], data: Mapping[str, object]) -> object:
    values = _values(_hints(form), data)
    made: object = object.__new__(form)
    for field in dataclasses.fields(cast("type[DataclassInstance]", form)):
        value: object = None
        if field.name in values:
            value = values[field.name]
        elif field.default is not dataclasses.MISSING:
            value = field.default
        elif field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        object.__setattr__(made, field.name, value)
    return made
