"""Images: `POST /images/generations` to draw, `POST /images/edits` (a form with files) to edit.

Source: OpenAI API reference, images. Older models answer with a link unless asked for bytes; bytes are asked for, so
that `save` works, unless the caller wants the link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmclient.protocols import Capability
from llmclient.providers._call import Form, FormFile
from llmclient.providers._exchange import PlainExchange
from llmclient.providers.openai.media_parameters import fitting
from llmclient.providers.openai.part import CompatiblePart, body_of, read_reply

if TYPE_CHECKING:
    from llmclient.providers._call import Payload
    from llmclient.providers._errors import ErrorRow
    from llmclient.types.images import ImageRequest, ImageResponse

_LINKS_UNLESS_ASKED = re.compile(r"^(?:dall-e|grok)")
"""Models whose default is a link; newer ones reject the parameter."""


class ImagesWire:
    """Drawing and editing, for one request."""

    def __init__(self, request: ImageRequest, error_rows: Sequence[ErrorRow]) -> None:
        self.path = "/images/edits" if request.images else "/images/generations"
        self.error_rows = error_rows

    def encode(self, request: ImageRequest) -> Payload:
        """The body to send: JSON to draw, a form to edit."""
        body = body_of(request, prompt=request.prompt)
        if _LINKS_UNLESS_ASKED.match(request.model):
            body.setdefault("response_format", "b64_json")
        if not request.images:
            return body
        field = "image" if len(request.images) == 1 else "image[]"
        files = [
            FormFile(field=field, name=file.name, data=file.data, media_type=file.media_type) for file in request.images
        ]
        if request.mask is not None:
            mask = request.mask
            files.append(FormFile(field="mask", name=mask.name, data=mask.data, media_type=mask.media_type))
        return Form(fields=body, files=files)

    def decode(self, body: bytes) -> ImageResponse:
        """Read the images."""
        from llmclient.types.images import ImageResponse

        reply = read_reply(ImageResponse, body)
        if not reply.data:
            raise ValueError("no images")
        return reply


class ImagesPart(CompatiblePart):
    """Images of an OpenAI-compatible endpoint."""

    async def generate_image(self, request: ImageRequest) -> ImageResponse:
        """Draw, or edit the images of the request."""
        return await self._image(request).complete()

    def generate_image_sync(self, request: ImageRequest) -> ImageResponse:
        """Draw, or edit the images of the request."""
        return self._image(request).complete_sync()

    def _image(self, request: ImageRequest) -> PlainExchange[ImageRequest, ImageResponse]:
        request = fitting(self.endpoint, request, Capability.IMAGES)
        return PlainExchange(self.name, ImagesWire(request, self.error_rows), self._clients, request)
