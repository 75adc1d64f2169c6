"""Tracing and metrics by OpenTelemetry, in the terms of its GenAI semantic conventions (extra `otel`).

A span for each call, and under it a client span for each attempt; histograms of tokens, duration, time to the first
chunk, and cost. What was asked and answered is recorded only when the caller asks for it. Nothing of OpenTelemetry is
imported before `trace` is called. Source: OpenTelemetry, semantic conventions for generative AI, spans and metrics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from llmclient._narrow import as_mapping
from llmclient.errors import MissingDependencyError
from llmclient.middleware.base import Around, Middleware

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.metrics import Histogram, Meter, MeterProvider
    from opentelemetry.trace import Span, Tracer, TracerProvider
    from opentelemetry.util.types import AttributeValue

    from llmclient.middleware.base import Flow
    from llmclient.types.response import Choice
    from llmclient.types.stream import StreamChunk

_OPERATIONS = {"images": "generate_content", "model_listing": "list_models"}
"""Names of operations that differ from those of the capabilities."""

_PROVIDERS = {"xai": "x_ai", "mistral": "mistral_ai", "gemini": "gcp.gemini"}
"""Well-known values of `gen_ai.provider.name` that differ from the names of the providers."""

_PARAMETERS = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "n": "gen_ai.request.choice.count",
}
_OUTPUTS = {"chat": "text", "images": "image", "speech": "speech", "transcription": "text"}
"""`gen_ai.output.type` by capability; chat that is asked for a JSON format has "json"."""

_TOKENS = tuple(4.0**power for power in range(14))
_SECONDS = tuple(0.01 * 2**power for power in range(14))
_FIRST = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_DOLLARS = tuple(0.0001 * 4**power for power in range(10))

_MEASURES: tuple[tuple[str, str, str, Sequence[float]], ...] = (
    ("gen_ai.client.token.usage", "{token}", "Tokens used", _TOKENS),
    ("gen_ai.client.operation.duration", "s", "Duration of an attempt", _SECONDS),
    ("gen_ai.client.operation.time_to_first_chunk", "s", "Time to the first chunk", _FIRST),
    ("llmclient.cost", "USD", "Cost of a call", _DOLLARS),
)
"""Name, unit, description, and bounds of the buckets: those that the conventions ask for, of cost our own."""

_SPAN = "llmclient.span"


def trace(
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    content: bool = False,
) -> list[Middleware]:
    """Return the middlewares that trace: `ModelRouter(..., middleware=[*trace()])`.

    Args:
        tracer_provider: default the global one.
        meter_provider: default the global one.
        content: record messages and answers as attributes. Default False.

    Raises:
        MissingDependencyError: OpenTelemetry is not installed.
    """
    try:
        from opentelemetry import metrics
        from opentelemetry import trace as tracing
    except ModuleNotFoundError as error:
        raise MissingDependencyError("opentelemetry-api", "otel") from error
    telemetry = _Telemetry(
        tracing.get_tracer("llmclient", tracer_provider=tracer_provider),
        metrics.get_meter("llmclient", meter_provider=meter_provider),
        content=content,
    )
    return [Middleware(telemetry.call, "call"), Middleware(telemetry.attempt, "attempt")]


class _Telemetry:
    def __init__(self, tracer: Tracer, meter: Meter, *, content: bool) -> None:
        self._tracer = tracer
        self._content = content
        self._tokens, self._duration, self._first, self._cost = (_histogram(meter, *row) for row in _MEASURES)

    def call(self, around: Around) -> Flow:
        """Around a call: a span that its attempts stand under."""
        span = self._tracer.start_span(
            f"llmclient.{around.capability} {around.request.model}",
            attributes={
                "gen_ai.operation.name": _operation(around),
                "gen_ai.request.model": around.request.model,
                "llmclient.stream": around.stream,
            },
        )
        around.shared[_SPAN] = span
        try:
            reply = yield
            span.set_attribute("llmclient.attempts", len(getattr(reply, "attempts", ())))
            cost = getattr(reply, "cost", None)
            if cost is not None:
                span.set_attribute("llmclient.cost_usd", float(cost.total))
                self._cost.record(float(cost.total), {"gen_ai.request.model": around.request.model})
        except Exception as error:
            _failed(span, error)
            raise
        finally:
            span.end()
        return None

    def attempt(self, around: Around) -> Flow:
        """Around an attempt: a client span, and the measurements."""
        from opentelemetry.trace import SpanKind, set_span_in_context

        facts: dict[str, AttributeValue] = {
            "gen_ai.operation.name": _operation(around),
            "gen_ai.provider.name": _PROVIDERS.get(around.provider, around.provider),
            "gen_ai.request.model": around.request.model,
        }
        parent = cast("Span | None", around.shared.get(_SPAN))
        span = self._tracer.start_span(
            f"{_operation(around)} {around.request.model}",
            context=None if parent is None else set_span_in_context(parent),
            kind=SpanKind.CLIENT,
            attributes={**facts, **_asked(around), "llmclient.attempt": around.number},
        )
        began = around.clock.monotonic()
        watch = _ChunkWatch(self._first, around, began, facts)
        around.each_chunk(watch)
        measured = dict(facts)
        try:
            reply = yield
            measured["gen_ai.response.model"] = getattr(reply, "model", "") or around.request.model
            span.set_attributes(_answered(reply))
            if watch.seconds is not None:
                span.set_attribute("gen_ai.response.time_to_first_chunk", watch.seconds)
            self._count(reply, measured)
            if self._content and around.capability == "chat":
                span.set_attributes(_content(around, reply))
        except Exception as error:
            measured["error.type"] = _failed(span, error)
            raise
        finally:
            self._duration.record(around.clock.monotonic() - began, measured)
            span.end()
        return None

    def _count(self, reply: object, facts: Mapping[str, AttributeValue]) -> None:
        for kind, count in _tokens(reply).items():
            self._tokens.record(count, {**facts, "gen_ai.token.type": kind})


class _ChunkWatch:
    """Lets chunks pass, and measures when the first one comes."""

    def __init__(self, first: Histogram, around: Around, began: float, facts: Mapping[str, AttributeValue]) -> None:
        self._first = first
        self._around = around
        self._began = began
        self._facts = facts
        self.seconds: float | None = None

    def __call__(self, chunk: StreamChunk | None) -> Iterable[StreamChunk]:
        """Let a chunk pass."""
        if chunk is None:
            return ()
        if self.seconds is None:
            self.seconds = self._around.clock.monotonic() - self._began
            self._first.record(self.seconds, dict(self._facts))
        return (chunk,)


def _histogram(meter: Meter, name: str, unit: str, description: str, bounds: Sequence[float]) -> Histogram:
    return meter.create_histogram(name, unit=unit, description=description, explicit_bucket_boundaries_advisory=bounds)


def _operation(around: Around) -> str:
    name = str(around.capability)
    return _OPERATIONS.get(name, name)


def _asked(around: Around) -> dict[str, AttributeValue]:
    params = around.request.params
    found: dict[str, AttributeValue] = {}
    for name, attribute in _PARAMETERS.items():
        value = params.get(name)
        if isinstance(value, int | float):
            found[attribute] = value
    stop = params.get("stop")
    if stop:
        found["gen_ai.request.stop_sequences"] = [stop] if isinstance(stop, str) else list(cast("Sequence[str]", stop))
    if around.stream:
        found["gen_ai.request.stream"] = True
    wanted = as_mapping(params.get("response_format")).get("type")
    output = "json" if wanted in ("json_object", "json_schema") else _OUTPUTS.get(str(around.capability))
    if output is not None:
        found["gen_ai.output.type"] = output
    if around.capability == "embeddings":
        found["gen_ai.request.encoding_formats"] = [str(params.get("encoding_format", "base64"))]
        dimensions = params.get("dimensions")
        if isinstance(dimensions, int):
            found["gen_ai.embeddings.dimension.count"] = dimensions
    return found


def _answered(reply: object) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {
        "gen_ai.response.id": str(getattr(reply, "id", "") or ""),
        "gen_ai.response.model": str(getattr(reply, "model", "") or ""),
        **{f"gen_ai.usage.{kind}_tokens": count for kind, count in _tokens(reply).items()},
        **_details(reply),
    }
    reasons = [str(choice.finish_reason) for choice in getattr(reply, "choices", ()) if choice.finish_reason]
    if reasons:
        found["gen_ai.response.finish_reasons"] = reasons
    return {name: value for name, value in found.items() if value != ""}


def _tokens(reply: object) -> dict[str, int]:
    usage = getattr(reply, "usage", None)
    told = {"input": getattr(usage, "prompt_tokens", None), "output": getattr(usage, "completion_tokens", None)}
    return {kind: count for kind, count in told.items() if isinstance(count, int)}


def _details(reply: object) -> dict[str, AttributeValue]:
    """Tokens that are part of the others, where the provider tells them."""
    usage = getattr(reply, "usage", None)
    prompt, completion = (getattr(usage, f"{side}_tokens_details", None) for side in ("prompt", "completion"))
    told = {
        "cache_read.input": getattr(prompt, "cached_tokens", None),
        "cache_creation.input": getattr(prompt, "cache_write_tokens", None),
        "reasoning.output": getattr(completion, "reasoning_tokens", None),
    }
    return {f"gen_ai.usage.{kind}_tokens": count for kind, count in told.items() if isinstance(count, int)}


def _content(around: Around, reply: object) -> dict[str, AttributeValue]:
    from llmclient.middleware.telemetry_messages import recorded

    asked = cast("Sequence[Mapping[str, object]]", getattr(around.request, "messages", ()))
    choices = cast("Sequence[Choice]", getattr(reply, "choices", ()))
    said = [choice.message.model_dump(exclude_none=True) for choice in choices]
    return {
        "gen_ai.input.messages": recorded(asked),
        "gen_ai.output.messages": recorded(said, [choice.finish_reason for choice in choices]),
    }


def _failed(span: Span, error: Exception) -> str:
    from opentelemetry.trace import Status, StatusCode

    kind = type(error).__qualname__
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR, str(error)))
    return kind
