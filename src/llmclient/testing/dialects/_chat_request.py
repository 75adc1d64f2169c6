"""OpenAI's requests, read: paths to capabilities, and bodies to the fields of a call. OpenRouter reads them as well.

Source: OpenAI API reference (chat, embeddings, images, audio, models).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llmclient.protocols import Capability
from llmclient.testing.call import Call, Door
from llmclient.testing.dialects import _responses_request
from llmclient.testing.dialects.requests import (
    JSONMapping,
    RefusedRequestError,
    mapping,
    mappings,
    read_form,
    read_object,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmclient.testing.dialects.wire import WireRequest

PATHS: Mapping[str, Capability] = {
    "chat/completions": Capability.CHAT,
    "responses": Capability.CHAT,
    "embeddings": Capability.EMBEDDINGS,
    "images/generations": Capability.IMAGES,
    "images/edits": Capability.IMAGES,
    "audio/speech": Capability.SPEECH,
    "audio/transcriptions": Capability.TRANSCRIPTION,
    "audio/translations": Capability.TRANSCRIPTION,
}
"""The end of a path, and what it is for. All of them are POST."""

DEFAULT_MODELS: Mapping[Capability, str] = {Capability.IMAGES: "gpt-image-1", Capability.TRANSCRIPTION: "whisper-1"}
"""What is asked where a request names no model; the others have to name one."""

REQUIRED: Mapping[str, str] = {
    "chat/completions": "messages",
    "responses": "input",
    "embeddings": "input",
    "images/generations": "prompt",
    "audio/speech": "input",
    "audio/transcriptions": "file",
    "audio/translations": "file",
}
"""What a request cannot do without, besides a model."""

NO_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
    "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)"
)
_NOT_PARAMETERS = frozenset({"model", "messages", "stream", "stream_options"})


def parse_openai(request: WireRequest, door: Door, *, no_json: str = NO_JSON) -> Call:
    """Read a request in OpenAI's form.

    Args:
        request: as it was sent.
        door: where it came in.
        no_json: the vendor's words for a body that is no JSON object.

    Raises:
        RefusedRequestError: the vendor would refuse it as it stands.
    """
    ending = next((path for path in (*PATHS, "models") if request.path.rstrip("/").endswith(f"/{path}")), None)
    if (ending == "models" or "/models/" in request.path) and request.method == "GET":
        name = request.path.partition("/models")[2].strip("/")
        return _call(request, door, Capability.MODEL_LISTING, name, {})
    if ending is None or ending == "models":
        raise RefusedRequestError(404, f"Invalid URL ({request.method} {request.path})")
    if request.method != "POST":
        raise RefusedRequestError(405, f"Not allowed to {request.method} on {request.path} (HINT: use POST)")
    content_type = request.headers.get("content-type", "")
    form = content_type.startswith("multipart/")
    body = read_form(request.body, content_type) if form else read_object(request.body, no_json)
    capability = PATHS[ending]
    model = body.get("model") or DEFAULT_MODELS.get(capability)
    if not isinstance(model, str):
        raise RefusedRequestError(400, "you must provide a model parameter")
    _check(ending, body)
    if ending == "responses":
        messages, params = _responses_request.neutral_messages(body), _responses_request.neutral_params(body)
        return replace(_call(request, door, capability, model, body), messages=messages, params=params)
    return _call(request, door, capability, model, body)


def _check(ending: str, body: JSONMapping) -> None:
    """Refuse a request that lacks what its endpoint is about."""
    name = REQUIRED.get(ending)
    if name is None:
        return
    if body.get(name) is None:
        raise RefusedRequestError(
            400, f"Missing required parameter: '{name}'.", parameter=name, code="missing_required_parameter"
        )
    if name != "messages":
        return
    if not isinstance(body[name], list):
        raise RefusedRequestError(
            400, "Invalid type for 'messages': expected an array of objects.", parameter=name, code="invalid_type"
        )
    if not body[name]:
        raise RefusedRequestError(
            400, "Invalid 'messages': expected an array of at least one message.", parameter=name, code="empty_array"
        )


def _call(request: WireRequest, door: Door, capability: Capability, model: str, body: JSONMapping) -> Call:
    chat = capability is Capability.CHAT
    left_out = _NOT_PARAMETERS if chat else frozenset({"model"})
    return Call(
        provider=request.provider,
        model=model,
        capability=capability,
        messages=mappings(body.get("messages")) if chat else (),
        params={name: value for name, value in body.items() if name not in left_out},
        stream=chat and body.get("stream") is True,
        door=door,
        headers=request.headers,
        body=body,
    )


def wants_usage(call: Call) -> bool:
    """Whether a stream is asked to tell its usage."""
    return mapping(call.body.get("stream_options")).get("include_usage") is True
