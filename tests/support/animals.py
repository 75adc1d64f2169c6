"""Two models that a field tells apart, for tests of structured answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str]
