"""Parameter types as LiteLLM has them: called with fields, they build plain dictionaries without what is None.

To a type checker a class is the dictionary it builds. As an annotation of a pydantic model it means any dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Param(dict[str, object]):
    """Base of the parameter types."""

    def __new__(cls, fields: Mapping[str, object] | None = None, **more: object) -> dict[str, object]:  # type: ignore[misc]  # that is what it is for
        return {name: value for name, value in {**(fields or {}), **more}.items() if value is not None}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.dict_schema()
