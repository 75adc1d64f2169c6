"""The verbs of the sync router that give objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, Unpack, cast, overload

from llmclient.errors import LLMClientError

if TYPE_CHECKING:
    from llmclient.routing.structured.parsing import Parsed
    from llmclient.routing.structured.streams import SyncPartialStream
    from llmclient.routing.sync_router import SyncModelRouter
    from llmclient.types.messages import ChatParams, Messages

T = TypeVar("T")


class SyncStructuredVerbs:
    """Answers as objects."""

    @overload
    def parse(
        self, messages: Messages, *, response_model: type[T], retries: int = 1, **params: Unpack[ChatParams]
    ) -> Parsed[T]: ...
    @overload
    def parse(
        self, messages: Messages, *, response_model: object, retries: int = 1, **params: Unpack[ChatParams]
    ) -> Parsed[object]: ...
    def parse(
        self, messages: Messages, *, response_model: object, retries: int = 1, **params: Unpack[ChatParams]
    ) -> Parsed[object]:
        """Ask for an object of a type; as `ModelRouter.parse`."""
        from llmclient.routing.structured.parsing import asking, wanted_format

        params["response_format"] = wanted_format(response_model)
        steps = asking(messages, response_model, retries)
        try:
            conversation = next(steps)
            while True:
                try:
                    reply = cast("SyncModelRouter", self).complete(conversation, **params)
                except LLMClientError as error:
                    conversation = steps.throw(error)
                else:
                    conversation = steps.send(reply)
        except StopIteration as end:
            return cast("Parsed[object]", end.value)

    @overload
    def stream_parse(
        self, messages: Messages, *, response_model: type[T], **params: Unpack[ChatParams]
    ) -> SyncPartialStream[T]: ...
    @overload
    def stream_parse(
        self, messages: Messages, *, response_model: object, **params: Unpack[ChatParams]
    ) -> SyncPartialStream[object]: ...
    def stream_parse(
        self, messages: Messages, *, response_model: object, **params: Unpack[ChatParams]
    ) -> SyncPartialStream[object]:
        """Ask for an object and see it grow; as `ModelRouter.stream_parse`."""
        from llmclient.routing.structured.parsing import wanted_format
        from llmclient.routing.structured.streams import SyncPartialStream

        params["response_format"] = wanted_format(response_model)
        return SyncPartialStream(cast("SyncModelRouter", self).stream(messages, **params), response_model)
