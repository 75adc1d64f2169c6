"""Embeddings: texts in, vectors out. What arrives as base64 stays base64 until somebody asks for the numbers.

Base64 of little-endian float32 is decoded in one step, into an `array` of C floats or a numpy array: no Python float
is made for each number, and no string or object for each vector unless somebody looks at `data`.
Source: OpenAI API reference, embeddings, `encoding_format`.
"""

from __future__ import annotations

import builtins
import sys
from array import array
from binascii import a2b_base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, TypedDict

from pydantic import Field, PrivateAttr, SerializerFunctionWrapHandler, ValidationError, model_serializer

from llmclient.errors import MissingDependencyError
from llmclient.types.reply import Reply, WireModel
from llmclient.types.request import Request
from llmclient.types.response import Usage
from llmclient.types.vector_spans import UnreadVectors, find_vectors

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from llmclient.types.policy import RetryPolicy, Timeouts

EmbeddingInput: TypeAlias = str | Sequence[str]
"""One text, or several."""


class EmbeddingParams(TypedDict, total=False):
    """The keyword arguments of `embed`, all optional. Anything not listed is sent as it is given.

    `encoding_format` is how the numbers travel: "base64" (default) or "float". `input_type` ("query", "document", …) is
    for hosts that tell them apart, `provider` is OpenRouter's choice of hosts.
    """

    dimensions: int
    input_type: str
    provider: Mapping[str, object]
    encoding_format: Literal["base64", "float"]
    user: str
    extra_body: Mapping[str, object]
    extra_headers: Mapping[str, str]
    drop_unsupported: bool
    timeouts: Timeouts
    retry: RetryPolicy
    model: str
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingRequest(Request):
    """One call for embeddings.

    Attributes:
        input: the texts.
        done: batches that earlier tries of this call got, by (provider, model, batch); a retry does not buy them again.
    """

    input: Sequence[str]
    done: dict[tuple[str, str, int], EmbeddingResponse] = field(
        default_factory=dict[tuple[str, str, int], "EmbeddingResponse"], repr=False, compare=False
    )


_FLOAT = 4
"""Bytes of a number."""


def _little_endian(numbers: str | Sequence[float]) -> bytes:
    """A vector as it travels: float32, little-endian."""
    if isinstance(numbers, str):
        return a2b_base64(numbers)
    made = array("f", numbers)
    if sys.byteorder == "big":
        made.byteswap()
    return made.tobytes()


def _numbers(little_endian: bytes) -> array[float]:
    numbers = array("f")
    numbers.frombytes(little_endian)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


class Embedding(WireModel):
    """One vector as it arrived: base64 of little-endian float32, or a list of numbers."""

    index: int = 0
    object: str = "embedding"
    embedding: str | list[float]

    @property
    def vector(self) -> array[float]:
        """The numbers, as C floats (`array('f')`); a list of numbers becomes float32 as well."""
        return _numbers(_little_endian(self.embedding))


class EmbeddingResponse(Reply):  # noqa: PLW1641 - no model that may change has a hash
    """Vectors, in the order of the texts. `len()`, indexing and iteration go over the vectors.

    Attributes:
        data: the vectors as they arrived.
    """

    object: str = "list"
    data: list[Embedding] = Field(default_factory=list[Embedding])
    usage: Usage | None = None

    _unread: UnreadVectors | None = PrivateAttr(default=None)

    @classmethod
    def unread(cls, body: bytes) -> Self | None:
        """For providers: the answer in `body`, its vectors left there until they are wanted.

        None where the answer, or the error that it is, has to be read as JSON. Vectors are in the order of their index.
        """
        found = find_vectors(body)
        if found is None or found.fields.get("error"):
            return None
        try:
            reply = cls.model_validate({**found.fields, "data": []})
        except ValidationError:
            return None
        del vars(reply)["data"]
        reply._unread = UnreadVectors(((body, found.spans),))  # noqa: SLF001 - its own class
        return reply

    @classmethod
    def joined(cls, replies: Sequence[Self]) -> Self:
        """For providers: a copy of the first of several answers with the vectors of all, counted through."""
        joined = replies[0].model_copy()
        unread = [reply._left_unread for reply in replies]  # noqa: SLF001 - its own class
        parts = [part for vectors in unread if vectors is not None for part in vectors.parts]
        if None not in unread:
            joined._unread = UnreadVectors(tuple(parts))  # noqa: SLF001 - its own class
            return joined
        joined.data = [entry for reply in replies for entry in reply.data]
        for position, entry in enumerate(joined.data):
            entry.index = position
        return joined

    @property
    def vectors(self) -> list[array[float]]:
        """Every vector, as arrays of C floats; `.tolist()` of one gives Python floats."""
        return list(self)

    def numpy(self) -> npt.NDArray[np.float32]:
        """All vectors as one float32 array of shape (texts, dimensions).

        Raises:
            MissingDependencyError: numpy is not installed.
            ValueError: the vectors have different lengths.
        """
        try:
            import numpy as np
        except ModuleNotFoundError as error:
            raise MissingDependencyError("numpy", "numpy") from error
        count, vectors = len(self), self._little_endian()
        if not count:
            return np.empty((0, 0), dtype=np.float32)
        numbers = next(vectors)
        size = len(numbers)
        matrix = np.empty((count, size // _FLOAT), dtype="<f4")
        flat = matrix.reshape(-1).data.cast("B")
        flat[:size] = numbers
        for position, numbers in enumerate(vectors, 1):
            if len(numbers) != size:
                raise ValueError(
                    f"vector {position} has {len(numbers) // _FLOAT} dimensions and vector 0 has {size // _FLOAT}; "
                    "read them one by one with .vectors"
                )
            flat[position * size : (position + 1) * size] = numbers
        return matrix.astype(np.float32, copy=False)

    def __len__(self) -> int:
        unread = self._left_unread
        return len(self.data) if unread is None else len(unread)

    def __getitem__(self, position: int) -> array[float]:
        unread = self._left_unread
        return self.data[position].vector if unread is None else _numbers(unread[position])

    def __iter__(self) -> Iterator[array[float]]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride] - pydantic iterates over fields, and nobody wants those here
        return map(_numbers, self._little_endian())

    @property
    def _left_unread(self) -> UnreadVectors | None:
        """The vectors that nobody has looked at as `data`, which counts as soon as it is there."""
        return None if "data" in self.__dict__ else self._unread

    def _little_endian(self) -> Iterator[bytes]:
        unread = self._left_unread
        return (_little_endian(entry.embedding) for entry in self.data) if unread is None else unread.decoded()

    # pydantic looks for fields in `__dict__`: whoever is about to look there finds the rows read.

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> builtins.object:
            if name == "data" and self._unread is not None:
                return self.__dict__.setdefault("data", [Embedding.model_validate(row) for row in self._unread.rows()])
            return super().__getattr__(name)

    @model_serializer(mode="wrap")
    def _with_rows(self, write: SerializerFunctionWrapHandler) -> dict[str, builtins.object]:
        _ = self.data
        fields: dict[str, builtins.object] = write(self)
        return fields

    def __eq__(self, other: builtins.object) -> bool:
        return isinstance(other, EmbeddingResponse) and self.data == other.data and super().__eq__(other)

    def __repr_args__(self) -> Iterable[tuple[str | None, builtins.object]]:
        _ = self.data
        return super().__repr_args__()
