"""LiteLLM's parameter types for files, and its name for all message types."""

from __future__ import annotations

from typing import TypeAlias

from llmclient.compat.litellm._builder import Param
from llmclient.compat.litellm.types.completion import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionFunctionMessageParam,
    ChatCompletionSystemMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
)


class ChatCompletionFileObjectFile(Param):
    """A file: `file_id`, or `file_data` with `filename`; `format`."""


class ChatCompletionFileObject(Param):
    """A part that is a file: `type`, `file`."""


AllMessageValues: TypeAlias = (
    ChatCompletionUserMessageParam
    | ChatCompletionAssistantMessageParam
    | ChatCompletionToolMessageParam
    | ChatCompletionSystemMessageParam
    | ChatCompletionFunctionMessageParam
)
