"""What LiteLLM's response classes share: built by hand from anything, read as objects and as dictionaries.

Nothing is validated, neither when an object is made nor when an attribute is assigned: tests put mocks everywhere.
Dictionaries in the place of a known part become that part. What a wire response has is set by `of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Self, cast

from pydantic import BaseModel, SerializerFunctionWrapHandler, model_serializer

from llmclient.types.response import WireModel


class Shape(WireModel):
    """Base of the response classes of the layer."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {}
    """Fields that hold other shapes, with the class that a dictionary there becomes."""

    silent: ClassVar[frozenset[str]] = frozenset()
    """Fields that a dump leaves out while they are empty, as LiteLLM's objects do not have them then."""

    def __init__(self, **values: object) -> None:
        cls = type(self)
        fields: dict[str, object] = {}
        for name, field in cls.model_fields.items():
            if name in values:
                fields[name] = _part(cls, name, values[name])
            else:
                fields[name] = None if field.is_required() else field.get_default(call_default_factory=True)
        extra = {name: value for name, value in values.items() if name not in fields}
        object.__setattr__(self, "__dict__", fields)
        object.__setattr__(self, "__pydantic_fields_set__", set(values) & set(fields))
        object.__setattr__(self, "__pydantic_extra__", extra)
        object.__setattr__(self, "__pydantic_private__", None)
        self.model_post_init(None)

    @classmethod
    def of(cls, value: BaseModel) -> Self:
        """Return `value`, a model of the core, in this shape; nothing is copied deeply."""
        return cls(**{**value.__dict__, **(value.model_extra or {})})

    @model_serializer(mode="wrap")
    def _dump(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        # pydantic calls this for whatever stands in a field of this type, also for what was assigned unvalidated.
        silent: frozenset[str] = getattr(type(self), "silent", frozenset[str]())
        dumped: dict[str, object] = serialize(self)
        for name in silent:
            value = dumped.get(name, True)
            if value is None or value == "":
                del dumped[name]
        return dumped

    def json(self, **options: object) -> dict[str, object]:  # type: ignore[override]
        """The object as a dictionary, as LiteLLM's method of this name gives it."""
        dump = cast("Callable[..., dict[str, object]]", self.model_dump)
        return dump(**options)

    # --- read as a dictionary ---

    def __getitem__(self, name: str) -> object:
        try:
            found: object = getattr(self, name)
        except AttributeError:
            raise KeyError(name) from None
        return found

    def __setitem__(self, name: str, value: object) -> None:
        setattr(self, name, value)

    def __delitem__(self, name: str) -> None:
        delattr(self, name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and hasattr(self, name)

    def get(self, name: str, default: object = None) -> object:
        """The attribute of that name, `default` where there is none."""
        return getattr(self, name, default)

    def keys(self) -> Iterator[str]:
        """Names of fields and extra fields."""
        return iter([*self.__dict__, *(self.model_extra or {})])

    def items(self) -> Iterator[tuple[str, object]]:
        """Fields and extra fields with their values."""
        return ((name, getattr(self, name)) for name in self.keys())


def _part(cls: type[Shape], name: str, value: object) -> object:
    shape = cls.parts.get(name)
    if shape is None or value is None:
        return value
    if isinstance(value, list):
        return [_shaped(shape, entry) for entry in cast("Sequence[object]", value)]
    return _shaped(shape, value)


def _shaped(shape: type[Shape], value: object) -> object:
    if isinstance(value, Shape):
        return value
    if isinstance(value, Mapping):
        return shape(**cast("Mapping[str, object]", value))
    return shape.of(value) if isinstance(value, BaseModel) else value
