"""Embeddings: texts in, vectors out. What arrives as base64 stays base64 until somebody asks for the numbers.

Base64 of little-endian float32 is decoded in one step, into an `array` of C floats or a numpy array: no Python float
is made for each number. Source: OpenAI API reference, embeddings, `encoding_format`.
"""

from __future__ import annotations

import sys
from array import array
from binascii import a2b_base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from pydantic import Field

from llmclient.errors import MissingDependencyError
from llmclient.types.reply import Reply, WireModel
from llmclient.types.request import Request
from llmclient.types.response import Usage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from llmclient.types.policy import Timeouts

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


class Embedding(WireModel):
    """One vector as it arrived: base64 of little-endian float32, or a list of numbers."""

    index: int = 0
    object: str = "embedding"
    embedding: str | list[float]

    @property
    def vector(self) -> array[float]:
        """The numbers, as C floats (`array('f')`); a list of numbers becomes float32 as well."""
        numbers = array("f")
        numbers.frombytes(_little_endian(self.embedding))
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers


class EmbeddingResponse(Reply):
    """Vectors, in the order of the texts. `len()`, indexing and iteration go over the vectors.

    Attributes:
        data: the vectors as they arrived.
    """

    object: str = "list"
    data: list[Embedding] = Field(default_factory=list[Embedding])
    usage: Usage | None = None

    @property
    def vectors(self) -> list[array[float]]:
        """Every vector, as arrays of C floats; `.tolist()` of one gives Python floats."""
        return [entry.vector for entry in self.data]

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
        if not self.data:
            return np.empty((0, 0), dtype=np.float32)
        size = len(_little_endian(self.data[0].embedding))
        matrix = np.empty((len(self.data), size // _FLOAT), dtype="<f4")
        flat = matrix.reshape(-1).data.cast("B")
        for position, entry in enumerate(self.data):
            numbers = _little_endian(entry.embedding)
            if len(numbers) != size:
                raise ValueError(
                    f"vector {position} has {len(numbers) // _FLOAT} dimensions and vector 0 has {size // _FLOAT}; "
                    "read them one by one with .vectors"
                )
            flat[position * size : (position + 1) * size] = numbers
        return matrix.astype(np.float32, copy=False)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, position: int) -> array[float]:
        return self.data[position].vector

    def __iter__(self) -> Iterator[array[float]]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride] - pydantic iterates over fields, and nobody wants those here
        return (entry.vector for entry in self.data)
