"""Images: a description in (and images to edit), images out, as bytes or by URL."""

from __future__ import annotations

import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from pydantic import Field

from llmclient.types.messages import JSONObject
from llmclient.types.reply import Reply, WireModel
from llmclient.types.request import Request

if TYPE_CHECKING:
    from llmclient.types.files import UploadFile
    from llmclient.types.policy import RetryPolicy, Timeouts


class ImageParams(TypedDict, total=False):
    """The keyword arguments of `generate_image` and `edit_image`, all optional, under OpenAI's names.

    Anything not listed is sent as it is given. `response_format` is "b64_json" (default) or "url", where a model
    leaves the choice (dall-e); newer ones always answer with bytes.
    """

    n: int
    size: str
    quality: str
    style: str
    background: Literal["transparent", "opaque", "auto"]
    output_format: Literal["png", "jpeg", "webp"]
    output_compression: int
    moderation: str
    input_fidelity: Literal["high", "low"]
    response_format: Literal["url", "b64_json"]
    user: str
    extra_body: Mapping[str, object]
    extra_headers: Mapping[str, str]
    drop_unsupported: bool
    timeouts: Timeouts
    retry: RetryPolicy
    model: str
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest(Request):
    """One call for images.

    Attributes:
        prompt: what to draw, or what to change.
        images: the images to edit; none to draw a new one.
        mask: where to edit: its transparent parts.
    """

    prompt: str
    images: Sequence[UploadFile] = ()
    mask: UploadFile | None = None


class Image(WireModel):
    """One image: `b64_json` or a `url`. Some models tell the prompt they made of yours."""

    b64_json: str | None = None
    url: str | None = None
    revised_prompt: str | None = None

    @property
    def content(self) -> bytes:
        """The image file.

        Raises:
            ValueError: the provider gave a link only; nothing is fetched behind your back.
        """
        encoded = self.b64_json
        if encoded is None and self.url is not None and self.url.startswith("data:"):
            encoded = self.url.partition(",")[2]
        if encoded is None:
            raise ValueError(
                f"this image is a link ({self.url!r}); ask with response_format='b64_json', or fetch the link yourself"
            )
        return binascii.a2b_base64(encoded)

    def save(self, path: str | Path) -> Path:
        """Write the image file to `path` and return it. Raises `ValueError` where there is only a link."""
        target = Path(path)
        target.write_bytes(self.content)
        return target


class ImageUsage(WireModel):
    """Tokens of an image call, where the model counts them."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    input_tokens_details: JSONObject | None = None
    output_tokens_details: JSONObject | None = None


class ImageResponse(Reply):
    """Images.

    Attributes:
        data: every image.
        size: as the provider says it drew it; also `quality`, `background` and `output_format`.
    """

    created: int = 0
    data: list[Image] = Field(default_factory=list[Image])
    usage: ImageUsage | None = None
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None

    @property
    def content(self) -> bytes:
        """The first image's file. Raises `ValueError` where there is only a link."""
        return self.data[0].content

    @property
    def url(self) -> str | None:
        """The first image's link, None where it came as bytes."""
        return self.data[0].url

    def save(self, path: str | Path) -> Path:
        """Write the first image to `path` and return it. Raises `ValueError` where there is only a link."""
        return self.data[0].save(path)
