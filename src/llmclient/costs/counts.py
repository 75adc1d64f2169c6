"""How much of what a call used: one flat set of counts, read from any usage.

`prompt_tokens` is everything that went in, `completion_tokens` everything that came out; the other token counts say
which parts of those cost something else. A usage may be this library's, a mapping in OpenAI's shape, or an object with
the same attributes; fields that are missing, None or no number count as nothing.
"""

# Annotations are evaluated here: as text, typing would compile each field of a class anew in every process.

from collections.abc import Iterator, Mapping
from typing import TypedDict, Unpack, cast

from llmclient._narrow import as_list, as_mapping, as_text


class UsageCounts(TypedDict, total=False):
    """Counts that `calculate_cost` takes by name. All default to nothing used.

    Attributes:
        prompt_tokens: all tokens that went in, cached and written ones included.
        completion_tokens: all tokens that came out, reasoning included.
        cached_tokens: prompt tokens read from a cache.
        cache_write_tokens: prompt tokens written to a cache, for whatever lifetime.
        cache_write_1h_tokens: those of them that live an hour.
        cache_write_12h_tokens: those of them that live twelve hours.
        reasoning_tokens: completion tokens spent on reasoning.
        audio_tokens: prompt tokens that are audio.
        image_tokens: prompt tokens that are images.
        video_tokens: prompt tokens that are video.
        output_audio_tokens: completion tokens that are audio.
        output_image_tokens: completion tokens that are images.
        characters: characters that went in, for speech models priced by them.
        audio_seconds: length of the audio, for transcription.
        video_seconds: length of the video.
        images: pictures made, or sent to a model that prices them by the picture.
        pixels: pixels made, of all pictures.
        queries: searches, for models priced by them.
        web_searches: searches that the provider's own tool made.
        file_searches: searches of files that the provider's own tool made.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    cache_write_1h_tokens: int
    cache_write_12h_tokens: int
    reasoning_tokens: int
    audio_tokens: int
    image_tokens: int
    video_tokens: int
    output_audio_tokens: int
    output_image_tokens: int
    characters: int
    audio_seconds: float
    video_seconds: float
    images: int
    pixels: int
    queries: int
    web_searches: int
    file_searches: int


class Counts:
    """`UsageCounts`, and what only a provider's usage tells. What is not given is nothing: one dictionary a usage.

    Attributes:
        beside: what stands beside the counts: models that were asked (empty: the one that answers), and what they used.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cached_audio_tokens: int = 0
    cached_image_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    cache_write_12h_tokens: int = 0
    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0
    video_tokens: int = 0
    output_text_tokens: int = 0
    reasoning_tokens: int = 0
    output_audio_tokens: int = 0
    output_image_tokens: int = 0
    output_video_tokens: int = 0
    characters: float = 0
    audio_seconds: float = 0
    video_seconds: float = 0
    images: float = 0
    pixels: float = 0
    queries: float = 0
    web_searches: float = 0
    file_searches: float = 0
    geo: str = ""
    speed: str = ""
    service_tier: str = ""
    beside: "tuple[tuple[str, Counts], ...]" = ()

    def __init__(self, **counts: Unpack[UsageCounts]) -> None:
        self.take(counts)

    def take(self, counts: UsageCounts) -> None:
        """Set counts by name, over those that are there."""
        vars(self).update(counts)

    @property
    def has_tokens(self) -> bool:
        """Whether any token was used."""
        return bool(self.prompt_tokens or self.completion_tokens)

    @property
    def has_units(self) -> bool:
        """Whether anything was used that is not counted in tokens."""
        return bool(
            self.characters
            or self.audio_seconds
            or self.video_seconds
            or self.images
            or self.pixels
            or self.queries
            or self.searches
        )

    @property
    def searches(self) -> float:
        """Searches of the provider's own tools."""
        return self.web_searches + self.file_searches


def counts_of(usage: object) -> Counts:
    """Read a usage."""
    usage = _fields(usage)
    prompt = _fields(_get(usage, "prompt_tokens_details"))
    completion = _fields(_get(usage, "completion_tokens_details"))
    counts = Counts(prompt_tokens=_count(usage, "prompt_tokens"), completion_tokens=_count(usage, "completion_tokens"))
    counts.geo = _word(usage, "inference_geo")
    counts.speed = _word(usage, "speed")
    counts.service_tier = _word(usage, "service_tier")
    if prompt:
        _read_prompt(counts, prompt)
    if completion:
        counts.output_text_tokens = _count(completion, "text_tokens")
        counts.reasoning_tokens = _count(completion, "reasoning_tokens")
        counts.output_audio_tokens = _count(completion, "audio_tokens")
        counts.output_image_tokens = _count(completion, "image_tokens")
        counts.output_video_tokens = _count(completion, "video_tokens")
    lifetimes = _get(usage, "cache_creation") or _get(prompt, "cache_creation_token_details")
    if lifetimes is not None:
        _read_lifetimes(counts, lifetimes)
    tools = _get(usage, "server_tool_use")
    if tools is not None:
        counts.web_searches = _count(tools, "web_search_requests")
    iterations = _get(usage, "iterations")
    if iterations:
        counts.beside = tuple(_beside(as_list(iterations)))
    return counts


def _beside(iterations: list[object]) -> "Iterator[tuple[str, Counts]]":
    """Iterations that are charged and not in the usage's totals.

    These are advice, which has a model of its own (Anthropic, advisor tool, usage and billing), and compaction
    (compaction, understanding usage).
    """
    for iteration in map(as_mapping, iterations):
        if iteration.get("type") in ("advisor_message", "compaction"):
            read, written = (
                _count(iteration, "cache_read_input_tokens"),
                _count(iteration, "cache_creation_input_tokens"),
            )
            counts = Counts(
                prompt_tokens=_count(iteration, "input_tokens") + read + written,
                completion_tokens=_count(iteration, "output_tokens"),
                cached_tokens=read,
                cache_write_tokens=written,
            )
            _read_lifetimes(counts, iteration.get("cache_creation"))
            yield as_text(iteration.get("model")) or "", counts


def _read_prompt(counts: Counts, details: object) -> None:
    counts.cached_tokens = _count(details, "cached_tokens")
    counts.cache_write_tokens = _count(details, "cache_write_tokens") or _count(details, "cache_creation_tokens")
    counts.text_tokens = _count(details, "text_tokens")
    counts.audio_tokens = _count(details, "audio_tokens")
    counts.image_tokens = _count(details, "image_tokens")
    counts.video_tokens = _count(details, "video_tokens")
    counts.characters = _count(details, "character_count")
    counts.images = _count(details, "image_count")
    counts.audio_seconds = _number(details, "audio_length_seconds")
    counts.video_seconds = _number(details, "video_length_seconds")
    counts.queries = _count(details, "query_count")
    cached = _get(details, "cached_tokens_details")
    if cached is not None:
        _read_cached(counts, cached)


def _read_cached(counts: Counts, cached: object) -> None:
    """What was read from a cache is not read again as audio, text or image (OpenAI, realtime usage)."""
    audio = min(_count(cached, "audio_tokens"), counts.cached_tokens)
    text = min(_count(cached, "text_tokens"), counts.cached_tokens - audio)
    image = min(_count(cached, "image_tokens"), counts.cached_tokens - audio - text)
    counts.cached_audio_tokens = audio
    counts.cached_image_tokens = image
    counts.audio_tokens = max(counts.audio_tokens - audio, 0)
    counts.text_tokens = max(counts.text_tokens - text, 0)
    counts.image_tokens = max(counts.image_tokens - image, 0)


def _read_lifetimes(counts: Counts, lifetimes: object) -> None:
    long = {
        "1h": _count(lifetimes, "ephemeral_1h_input_tokens"),
        "12h": _count(lifetimes, "ephemeral_12h_input_tokens"),
    }
    short = _count(lifetimes, "ephemeral_5m_input_tokens") + _count(lifetimes, "ephemeral_30m_input_tokens")
    counts.cache_write_1h_tokens = long["1h"]
    counts.cache_write_12h_tokens = long["12h"]
    counts.cache_write_tokens = max(counts.cache_write_tokens, short + sum(long.values()))


def _fields(holder: object) -> object:
    """What a model or a mapping says, without what is nothing: most of its fields are, and each would be asked for.

    A pydantic model becomes a dictionary because asking it for a field it lacks is a search each time.
    """
    if isinstance(holder, dict):
        told = cast("dict[str, object]", holder)
    elif hasattr(type(holder), "__pydantic_fields__"):
        told, extra = vars(holder), getattr(holder, "model_extra", None)
        if extra:
            told = {**told, **extra}
    else:
        return holder
    return {name: value for name, value in told.items() if value}


def _get(holder: object, name: str) -> object:
    if type(holder) is dict:  # what `_fields` gives: asking an ABC first costs more than the look-up
        return cast("dict[str, object]", holder).get(name)
    if isinstance(holder, Mapping):
        return cast("Mapping[str, object]", holder).get(name)
    return getattr(holder, name, None)


def _count(holder: object, name: str) -> int:
    value = _get(holder, name)
    return int(value) if isinstance(value, int | float) and value > 0 else 0


def _number(holder: object, name: str) -> float:
    value = _get(holder, name)
    return value if isinstance(value, int | float) and value > 0 else 0.0


def _word(holder: object, name: str) -> str:
    value = _get(holder, name)
    return value.lower() if isinstance(value, str) else ""
