"""Objects while they grow: what has arrived of an answer, as an object of the wanted type.

Every value that is handed on is valid for its field. What has not arrived is the field's default, or None; a value
that is not complete enough to be valid yet is left out, and so is one that only looks complete: a number may get more
digits, the name of an enum more letters. Text alone is shown while it grows. Models and dataclasses are built without
validators of the caller's own, which could not hold for a part.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Union, cast, get_args, get_origin, is_typeddict

from pydantic import BaseModel, RootModel

from llmclient._narrow import is_list, is_mapping
from llmclient.routing.structured.arriving import NOTHING, CutText, arrived
from llmclient.routing.structured.forms import bare, class_of, field_infos, fields_of, is_text, plain_value
from llmclient.routing.structured.target import WRAPPER_FIELD

if TYPE_CHECKING:
    from collections.abc import Sized

    from _typeshed import DataclassInstance
    from pydantic.fields import FieldInfo

    from llmclient.routing.structured.target import Target


def partial_object(target: Target[object], text: str) -> object:
    """What has arrived, as an object; `NOTHING` where that is none yet."""
    data = arrived(text, objects_only=not target.wrapped)
    if target.wrapped and is_mapping(data):
        if WRAPPER_FIELD in data:
            return grown(target.form, data[WRAPPER_FIELD])
        # A model that is told in the prompt may answer without the wrapping object; `{` alone is either.
        return grown(target.form, data) if data else NOTHING
    return data if data is NOTHING else grown(target.form, data)


def grown(form: object, data: object) -> object:
    """`data` as an object of type `form`, as far as it goes; `NOTHING` where it does not go at all."""
    if is_mapping(data):
        return _inside(form, data, _from_fields)
    if is_list(data):
        return _inside(form, data, _from_items)
    if isinstance(data, CutText):
        return plain_value(form, str(data)) if is_text(form) else NOTHING
    return plain_value(form, data)


def _inside(form: object, data: object, grow: Callable[[object, object], object]) -> object:
    """Grow a container into what `form` is called by other names, or into the member of a union that fits best."""
    inner = bare(form)
    if get_origin(inner) in (Union, types.UnionType):
        found = [one for member in get_args(inner) if (one := grown(member, data)) is not NOTHING]
        best = max(found, key=_fit, default=NOTHING)
        # While nothing tells the members apart, each of them is a guess.
        return NOTHING if len(found) > 1 and not _fit(best) else best
    return grow(inner, data)


def _fit(found: object) -> int:
    """How much of the data a member of a union has a place for."""
    if isinstance(found, BaseModel):
        return len(found.model_fields_set)
    if dataclasses.is_dataclass(found):
        return sum(getattr(found, field.name) is not None for field in dataclasses.fields(found))
    return len(cast("Sized", found)) if isinstance(found, Mapping | list) else 1


# --- lists ----------------------------------------------------------------------------------------------------------

_COLLECTIONS: dict[object, Callable[[list[object]], object]] = {
    list: list,
    Sequence: list,
    set: set,
    frozenset: frozenset,
    tuple: tuple,
}


def _from_items(form: object, data: object) -> object:
    kind = class_of(form)
    if kind is not None and issubclass(kind, BaseModel):
        return _model(kind, {"root": data}) if _has_root(kind) else NOTHING
    make, arguments = _COLLECTIONS.get(get_origin(form)), cast("tuple[object, ...]", get_args(form))
    if make is None or (make is tuple and arguments[1:] != (...,)):
        return plain_value(form, data)
    items = [grown(arguments[0], item) for item in cast("list[object]", data)]
    try:
        return make([item for item in items if item is not NOTHING])
    except TypeError:  # a set of what has no hash
        return NOTHING


# --- objects --------------------------------------------------------------------------------------------------------


def _from_fields(form: object, given: object) -> object:
    data = cast("Mapping[str, object]", given)
    if get_origin(form) in (dict, Mapping, MutableMapping):
        names, values = cast("tuple[object, object]", get_args(form))
        pairs = ((plain_value(names, name), grown(values, value)) for name, value in data.items())
        return {name: value for name, value in pairs if name is not NOTHING and value is not NOTHING}
    if is_typeddict(form):
        return _values(form, data)
    kind = class_of(form)
    if kind is not None and issubclass(kind, BaseModel):
        return _model(kind, {"root": data} if _has_root(kind) else data)
    if kind is not None and dataclasses.is_dataclass(kind):
        return _dataclass(kind, data)
    return plain_value(form, data)


def _has_root(kind: type[object]) -> bool:
    return issubclass(kind, RootModel)


def _values(form: object, data: Mapping[str, object]) -> dict[str, object]:
    fields = fields_of(form)
    found = {fields[key][0]: grown(fields[key][1], value) for key, value in data.items() if key in fields}
    return {name: value for name, value in found.items() if value is not NOTHING}


def _model(form: type[BaseModel], data: Mapping[str, object]) -> BaseModel:
    values = _values(form, data)
    make = cast("Callable[..., BaseModel]", form.model_construct)
    made = make(**_in_their_place(form.model_fields, values), **values)
    made.model_fields_set.intersection_update(values)
    return made


def _in_their_place(fields: Mapping[str, FieldInfo], values: Mapping[str, object]) -> dict[str, object]:
    """None for fields that have not arrived and have no default, or one that is made of others."""
    made_of_others = {name for name, info in fields.items() if info.default_factory_takes_validated_data}
    return {
        name: None
        for name, info in fields.items()
        if name not in values and (info.is_required() or name in made_of_others)
    }


def _dataclass(form: type[object], data: Mapping[str, object]) -> object:
    infos, values = field_infos(form), _values(form, data)
    made: object = object.__new__(form)
    for field in dataclasses.fields(cast("type[DataclassInstance]", form)):
        value: object = None
        if field.name in values:
            value = values[field.name]
        elif infos is not None:
            info = infos.get(field.name)
            value = None if info is None or info.is_required() else info.get_default(call_default_factory=True)
        elif field.default is not dataclasses.MISSING:
            value = field.default
        elif field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        object.__setattr__(made, field.name, value)
    return made
