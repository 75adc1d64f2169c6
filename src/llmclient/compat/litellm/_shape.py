"""What LiteLLM's response classes share: built by hand from anything, read as objects and as dictionaries.

Nothing is validated, neither when an object is made nor when an attribute is assigned: tests put mocks everywhere.
Dictionaries in the place of a known part become that part. What a wire response has is set by `of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Self, cast

from pydantic import BaseModel

from llmclient.types.response import WireModel


class Shape(WireModel):
    """Base of the response classes of the layer."""

    parts: ClassVar[Mapping[str, type[Shape]]] = {}
    """Fields that hold other shapes, with the class that a dictionary there becomes."""

    silent: ClassVar[frozenset[str]] = frozenset()
    """Fields that an object has only once they are set, as LiteLLM's objects do; reading one before gives None."""

    loose: ClassVar[frozenset[str]] = frozenset()
    """Fields that stand among the extra ones, as LiteLLM has them: there they take anything, and no check sees them."""

    order: ClassVar[tuple[str, ...]] = ()
    """Names in LiteLLM's order, which a repr shows: instructor sends it to the model when it asks again."""

    def __init__(self, **values: object) -> None:
        cls = type(self)
        fields: dict[str, object] = {}
        extra = {
            name: value
            for name, value in values.items()
            if name not in cls.model_fields and not (value is None and name in cls.silent)
        }
        loose: dict[str, object] = {}
        known = cls.model_fields
        for name in (*cls.order, *(name for name in known if name not in cls.order)):
            field = known[name]
            value: object = values.get(name)
            if name in values:
                value = _part(cls, name, value)
            elif not field.is_required():
                value = field.get_default(call_default_factory=True)
            if name in cls.silent and (value is None or value == ""):
                continue
            if name in cls.loose:
                loose[name] = value
            else:
                fields[name] = value
        object.__setattr__(self, "__dict__", fields)
        object.__setattr__(self, "__pydantic_fields_set__", set(values) & set(fields))
        object.__setattr__(self, "__pydantic_extra__", {**loose, **extra})
        object.__setattr__(self, "__pydantic_private__", None)
        self.model_post_init(None)

    @classmethod
    def __pydantic_init_subclass__(cls, **options: object) -> None:
        """Build at once: pydantic asks what stands in an extra field for its serializer, without building it first."""
        super().__pydantic_init_subclass__(**options)
        cls.model_rebuild()

    @classmethod
    def of(cls, value: BaseModel) -> Self:
        """Return `value`, a model of the core, in this shape; nothing is copied deeply."""
        return cls(**{**value.__dict__, **(value.model_extra or {})})

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            # Called for what is not in the instance: a silent field that is not set, a loose one, an extra one.
            if name in type(self).silent and name not in (self.__pydantic_extra__ or ()):
                return None
            return super().__getattr__(name)

    def __delattr__(self, name: str) -> None:
        extra = self.__pydantic_extra__
        if name in type(self).loose and extra is not None:
            extra.pop(name, None)
        else:
            super().__delattr__(name)

    def __setattr__(self, name: str, value: object) -> None:
        extra = self.__pydantic_extra__
        if name in type(self).loose and extra is not None:
            extra[name] = value
        else:
            super().__setattr__(name, value)

    def json(self, **options: object) -> dict[str, object]:  # type: ignore[override]
        """The object as a dictionary, as LiteLLM's method of this name gives it."""
        dump = cast("Callable[..., dict[str, object]]", self.model_dump)
        return dump(**options)

    def __str__(self) -> str:
        return repr(self)

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
        return isinstance(name, str) and (name in self.__dict__ or name in (self.model_extra or ()))

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
