"""The verbs of the async router that give objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, Unpack, cast, overload

from llmclient.errors import LLMClientError

if TYPE_CHECKING:
    from llmclient.routing.router import ModelRouter
    from llmclient.routing.structured.parsing import Parsed
    from llmclient.routing.structured.streams import PartialStream
    from llmclient.types.messages import ChatParams, Messages

T = TypeVar("T")


class StructuredVerbs:
    """Answers as objects."""

    @overload
    async def parse(
        self, messages: Messages, *, response_model: type[T], retries: int = 1, **params: Unpack[ChatParams]
    ) -> Parsed[T]: ...
    @overload
    async def parse(
        self, messages: Messages, *, response_model: object, retries: int = 1, **params: Unpack[ChatParams]
    ) -> Parsed[object]: ...
    async def parse(
        self, messages: Messages, *, response_model: object, retries: int = 1, **params: Unpack[ChatParams]
    ) -> Parsed[object]:
        """Ask for an object of a type.

        The model answers by its vendor's own JSON schema mode where it has one, else through a forced tool, else as it
        is told in the prompt. An answer that does not fit is shown to the model with what is wrong, and asked again.

        Args:
            messages: a string, or a list of messages in OpenAI's shape.
            response_model: a pydantic model, a dataclass, a TypedDict, or any type that pydantic reads: a list, a
                union, an enum, a literal.
            retries: how often it is asked again for an answer that fits. Default 1.
            params: OpenAI's parameters; see `ChatParams`.

        Returns:
            `parsed` is the object; `attempts` and `cost` are those of all answers.

        Raises:
            RefusalError: the model would not answer.
            TruncatedAnswerError: the answer was cut at its token limit.
            InvalidAnswerError: no answer fits.
            RequestError: no answer can have the type; nothing was sent.
            LLMClientError: what `complete` raises; its `attempts` begin with those of the answers before.
        """
        from llmclient.routing.structured.parsing import asking, wanted_format

        params["response_format"] = wanted_format(response_model)
        steps = asking(messages, response_model, retries)
        try:
            conversation = next(steps)
            while True:
                try:
                    reply = await cast("ModelRouter", self).complete(conversation, **params)
                except LLMClientError as error:
                    conversation = steps.throw(error)
                else:
                    conversation = steps.send(reply)
        except StopIteration as end:
            return cast("Parsed[object]", end.value)

    @overload
    def stream_parse(
        self, messages: Messages, *, response_model: type[T], **params: Unpack[ChatParams]
    ) -> PartialStream[T]: ...
    @overload
    def stream_parse(
        self, messages: Messages, *, response_model: object, **params: Unpack[ChatParams]
    ) -> PartialStream[object]: ...
    def stream_parse(
        self, messages: Messages, *, response_model: object, **params: Unpack[ChatParams]
    ) -> PartialStream[object]:
        """Ask for an object of a type, and see it grow.

        Use it as `stream`. Each item is an object of the type as far as it has arrived: every field in it is valid by
        its type and bounds (validators of your own see the whole only), missing ones are None or their default. The
        last item, and `parsed`, is the whole object, validated; an answer that does not fit is raised there, not
        asked again.

        Args:
            messages: a string, or a list of messages in OpenAI's shape.
            response_model: as for `parse`.
            params: OpenAI's parameters; see `ChatParams`.
        """
        from llmclient.routing.structured.parsing import wanted_format
        from llmclient.routing.structured.streams import PartialStream

        params["response_format"] = wanted_format(response_model)
        return PartialStream(cast("ModelRouter", self).stream(messages, **params), response_model)
