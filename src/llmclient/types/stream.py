"""What comes out of a stream: chunks in OpenAI's delta shape, for every provider."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, Field

from llmclient.types.messages import JSONObject
from llmclient.types.reply import WireModel
from llmclient.types.response import Usage


class FunctionCallDelta(WireModel):
    """The name comes once, the arguments in fragments."""

    name: str | None = None
    arguments: str | None = None


class CustomCallDelta(WireModel):
    """The name of a custom tool comes once, its text in fragments."""

    name: str | None = None
    input: str | None = None


class ToolCallDelta(WireModel):
    """A fragment of the tool call that stands at `index`; `id` and name come with the first fragment only."""

    index: int = 0
    id: str | None = None
    type: str | None = None
    function: FunctionCallDelta | None = None
    custom: CustomCallDelta | None = None


class Delta(WireModel):
    """What a chunk adds to the message.

    `thinking_blocks` are fragments of Anthropic's thinking blocks, each with an `index`: texts and signatures of one
    index are concatenated.
    """

    role: str | None = None
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCallDelta] | None = None
    reasoning_content: str | None = Field(default=None, validation_alias=AliasChoices("reasoning_content", "reasoning"))
    reasoning_details: list[JSONObject] | None = None
    thinking_blocks: list[JSONObject] | None = None
    annotations: list[JSONObject] | None = None
    audio: JSONObject | None = None
    provider_specific_fields: JSONObject | None = None


class ChunkChoice(WireModel):
    """What a chunk adds to one answer."""

    index: int = 0
    delta: Delta = Field(default_factory=Delta)
    finish_reason: str | None = None
    logprobs: JSONObject | None = None


class StreamChunk(WireModel):
    """One event of a stream. The last chunks carry the finish reason and, where the provider tells it, the usage.

    Anthropic tells what the prompt used with the first chunk already; a later usage replaces an earlier one.

    Attributes:
        marker: "restart" on the chunk that announces that the text begins again from the start, "continue" on the
            chunk after which another deployment goes on; None on every other chunk. A marker chunk has no text.
    """

    id: str = ""
    object: str = "chat.completion.chunk"
    created: int = 0
    model: str = ""
    choices: list[ChunkChoice] = Field(default_factory=list[ChunkChoice])
    usage: Usage | None = None
    system_fingerprint: str | None = None
    service_tier: str | None = None
    provider: str = ""
    served_by: str | None = None
    marker: Literal["restart", "continue"] | None = None

    @property
    def delta(self) -> Delta:
        """The first choice's delta; an empty one where the chunk has no choices."""
        return self.choices[0].delta if self.choices else Delta()

    @property
    def text(self) -> str:
        """The text this chunk adds, empty where it adds none."""
        return (self.choices[0].delta.content or "") if self.choices else ""

    @property
    def reasoning(self) -> str:
        """The reasoning this chunk adds, empty where it adds none."""
        return (self.choices[0].delta.reasoning_content or "") if self.choices else ""

    @property
    def tool_calls(self) -> list[ToolCallDelta]:
        """Fragments of tool calls this chunk adds."""
        return (self.choices[0].delta.tool_calls or []) if self.choices else []

    @property
    def finish_reason(self) -> str | None:
        """Why the answer ended, on the chunk that says so."""
        return self.choices[0].finish_reason if self.choices else None
