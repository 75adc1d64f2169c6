"""LiteLLM's parameter types for messages: each builds a plain dictionary."""

from __future__ import annotations

from typing import TypeAlias

from llmclient.compat.litellm._builder import Param


class ChatCompletionSystemMessageParam(Param):
    """A system message: `role`, `content`, `name`."""


class ChatCompletionUserMessageParam(Param):
    """A user message: `role`, `content` (text or parts), `name`."""


class ChatCompletionAssistantMessageParam(Param):
    """An assistant message: `role`, `content`, `tool_calls`, `name`."""


class ChatCompletionToolMessageParam(Param):
    """The result of a tool call: `role`, `content`, `tool_call_id`."""


class ChatCompletionFunctionMessageParam(Param):
    """The result of a function call: `role`, `content`, `name`."""


class ChatCompletionContentPartTextParam(Param):
    """A part that is text: `type`, `text`."""


class ChatCompletionContentPartImageParam(Param):
    """A part that is an image: `type`, `image_url`."""


class ImageURL(Param):
    """Where an image is: `url`, `detail`."""


class Function(Param):
    """The function of a tool call: `name`, `arguments`."""


class FunctionCall(Function):
    """The function of a message's function call: `name`, `arguments`."""


class ChatCompletionMessageToolCallParam(Param):
    """A tool call: `id`, `type`, `function`."""


ChatCompletionContentPartParam: TypeAlias = ChatCompletionContentPartTextParam | ChatCompletionContentPartImageParam

ChatCompletionMessageParam: TypeAlias = (
    ChatCompletionSystemMessageParam
    | ChatCompletionUserMessageParam
    | ChatCompletionAssistantMessageParam
    | ChatCompletionToolMessageParam
    | ChatCompletionFunctionMessageParam
)
