"""Which of a call's tokens are ordinary ones: what is left when the parts that cost something else are taken away.

Every prompt token is billed once. Providers count a part twice in two ways: text that includes what was cached, and
audio or images that were cached; a part then bills no more than the cache left over. Where the parts leave a rest,
it is text, unless the usage says how much text there was.
"""

# Annotations are evaluated here: as text, typing would compile each field of a class anew in every process.

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from llmclient.costs.counts import Counts


class Input(NamedTuple):
    """Prompt tokens to bill at the rate of each kind, beside what was read from and written to a cache."""

    text: int
    audio: int
    image: int
    video: int


class Output(NamedTuple):
    """Completion tokens to bill at the rate of each kind."""

    text: int
    reasoning: int
    audio: int
    image: int
    video: int


def split_input(counts: "Counts") -> Input:
    """Split the prompt tokens."""
    text, audio, image, video = counts.text_tokens, counts.audio_tokens, counts.image_tokens, counts.video_tokens
    in_cache = counts.cached_tokens + counts.cache_write_tokens
    if in_cache and text + audio + image + video + in_cache > counts.prompt_tokens:
        left = max(counts.prompt_tokens - in_cache, 0)
        audio = min(audio, left)
        image = min(image, left - audio)
        video = min(video, left - audio - image)
        return Input(left - audio - image - video, audio, image, video)
    if not text and not counts.images:
        text = max(counts.prompt_tokens - in_cache - audio - image - video, 0)
    return Input(text, audio, image, video)


def split_output(counts: "Counts") -> Output:
    """Split the completion tokens. Reasoning that the usage counts as text too is reasoning."""
    reasoning, text = counts.reasoning_tokens, counts.output_text_tokens
    audio, image, video = counts.output_audio_tokens, counts.output_image_tokens, counts.output_video_tokens
    parts = reasoning + audio + image + video
    if text:
        text -= min(reasoning, text, max(text + parts - counts.completion_tokens, 0))
    if not text:
        text = max(counts.completion_tokens - parts, 0)
    return Output(text, reasoning, audio, image, video)
