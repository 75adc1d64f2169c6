"""What an answer that is no chat cost: tokens where the provider counts them, else characters, seconds or pictures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from llmclient.routing.policy.pricing import place

if TYPE_CHECKING:
    from llmclient.types.cost import Cost
    from llmclient.types.embeddings import EmbeddingResponse
    from llmclient.types.images import ImageResponse
    from llmclient.types.policy import Deployment
    from llmclient.types.speech import SpeechRequest
    from llmclient.types.transcription import TranscriptionResponse


def embedding_cost(deployment: Deployment, reply: EmbeddingResponse) -> Cost | None:
    """By tokens, or as the provider says it charged."""
    from llmclient.costs import Cost, calculate_cost

    usage = reply.usage
    if usage is None:
        return None
    if usage.cost is not None and deployment.price is None:
        return Cost(total=Decimal(str(usage.cost)), source="provider", model=deployment.model)
    return calculate_cost(deployment.model, usage, price=deployment.price, region=place(deployment))


def image_cost(deployment: Deployment, reply: ImageResponse) -> Cost | None:
    """By tokens, for models that count them; else by the picture, or its pixels."""
    from llmclient.costs import calculate_cost

    usage = reply.usage
    if usage is not None and usage.total_tokens:
        parts = _in_chat_terms(usage.input_tokens, usage.output_tokens, usage.input_tokens_details)
        parts["completion_tokens_details"] = {"image_tokens": usage.output_tokens}
        cost = calculate_cost(deployment.model, parts, price=deployment.price, region=place(deployment))
        if cost is not None:
            return cost
    made = len(reply.data)
    return calculate_cost(
        deployment.model,
        price=deployment.price,
        region=place(deployment),
        images=made,
        pixels=made * _pixels(reply.size),
    )


def _pixels(size: str | None) -> int:
    width, _, height = (size or "1024x1024").partition("x")
    return int(width) * int(height) if width.isdigit() and height.isdigit() else 1024 * 1024


def speech_cost(deployment: Deployment, request: SpeechRequest) -> Cost | None:
    """By the characters that were spoken."""
    from llmclient.costs import calculate_cost

    return calculate_cost(
        deployment.model, price=deployment.price, region=place(deployment), characters=len(request.input)
    )


def transcription_cost(deployment: Deployment, reply: TranscriptionResponse) -> Cost | None:
    """By tokens, or by the seconds of audio."""
    from llmclient.costs import calculate_cost

    usage = reply.usage or {}
    if "input_tokens" in usage:
        details = usage.get("input_token_details")
        parts = _in_chat_terms(usage["input_tokens"], usage.get("output_tokens"), details)
        return calculate_cost(deployment.model, parts, price=deployment.price, region=place(deployment))
    seconds = usage.get("seconds") or reply.duration
    if not isinstance(seconds, int | float):
        return None
    return calculate_cost(
        deployment.model, price=deployment.price, region=place(deployment), audio_seconds=float(seconds)
    )


def _in_chat_terms(into: object, out: object, details: object) -> dict[str, object]:
    told = cast("dict[str, object]", details) if isinstance(details, dict) else {}
    return {"prompt_tokens": into, "completion_tokens": out, "prompt_tokens_details": told}
