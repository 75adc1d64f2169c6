"""What every provider must do, as a class of tests: subclass it, say what your vendor sends, run pytest.

    class TestCohere(ProviderConformance):
        model = "command-a"
        factory = CohereProvider
        dialect = CohereDialect()

With a dialect (`llmclient.testing.dialects.vendor`) the vendor's part is played from a script. Without one, a subclass
gives `provider_for(situation)`: the provider above a fake HTTP transport that answers with what the vendor sends then.
Both flavours are tested where the provider has both. It needs pytest, and no plugin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import pytest

from llmclient import errors
from llmclient.protocols import CAPABILITY_PROTOCOLS, Capability, ChatCapability, SyncChatCapability
from llmclient.providers.config import ProviderConfig
from llmclient.providers.registry import override_providers
from llmclient.routing.router import ModelRouter
from llmclient.routing.sync_router import SyncModelRouter
from llmclient.testing.faults.body import InvalidJSON
from llmclient.testing.faults.status import Auth, BadRequest, RateLimit, ServerFailure
from llmclient.testing.faults.stream import Disconnect
from llmclient.testing.harness import Harness
from llmclient.testing.player import WirePlayer
from llmclient.testing.reply import Cut, Reply, ScriptedToolCall
from llmclient.testing.transport import client_factory
from llmclient.testing.turns import Outcome, Script, Turn
from llmclient.types.request import ChatRequest

if TYPE_CHECKING:
    from llmclient.protocols import Provider
    from llmclient.testing.dialects.base import Dialect
    from llmclient.types.response import ModelResponse

T = TypeVar("T")

TEXT = "Hello there"
"""What the vendor's model says in `Situation.TEXT`, plain and streamed."""

KEY = "sk-test-canary-0001"
"""Give this key to your provider: the tests look for it where no key may be."""

TOOL: dict[str, object] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
"""The tool that is offered in `Situation.TOOL_CALL`; the model calls it with `{"city": "Paris"}`."""


class Situation(StrEnum):
    """What the vendor does. A request with `stream=True` gets its answer as the vendor streams it."""

    TEXT = "text"
    """It answers `TEXT`, with 3 tokens in and 2 out."""
    TOOL_CALL = "tool_call"
    """It calls `TOOL` for Paris."""
    CUT_OFF = "cut_off"
    """It answers `TEXT`, and stops there because of the token limit."""
    RATE_LIMITED = "rate_limited"
    """It answers 429 with `Retry-After: 2`."""
    WRONG_KEY = "wrong_key"
    """It answers 401, and quotes `KEY` in its message."""
    BAD_REQUEST = "bad_request"
    """It answers 400."""
    BROKEN = "broken"
    """It answers 500."""
    NO_JSON = "no_json"
    """It answers 200 with a body that is no JSON."""
    INTERRUPTED = "interrupted"
    """Its stream ends after "Hello", without its end."""


ERRORS: dict[Situation, type[errors.ProviderError]] = {
    Situation.RATE_LIMITED: errors.RateLimitError,
    Situation.WRONG_KEY: errors.AuthenticationError,
    Situation.BAD_REQUEST: errors.BadRequestError,
    Situation.BROKEN: errors.ServerError,
    Situation.NO_JSON: errors.MalformedResponseError,
}
"""What each situation must come to."""

REFUSALS = tuple(situation for situation in ERRORS if situation is not Situation.NO_JSON)


def _outcome(situation: Situation) -> Outcome:
    """What a script says for a situation."""
    text = Reply(text=TEXT, usage={"prompt_tokens": 3, "completion_tokens": 2}, cut=Cut(chunks=("Hello", " there")))
    outcomes: dict[Situation, Outcome] = {
        Situation.TEXT: text,
        Situation.TOOL_CALL: Reply(tool_calls=(ScriptedToolCall("get_weather", '{"city": "Paris"}'),)),
        Situation.CUT_OFF: replace(text, finish_reason="length"),
        Situation.RATE_LIMITED: RateLimit(2.0),
        Situation.WRONG_KEY: Auth(message=f"the key {KEY} is wrong"),
        Situation.BAD_REQUEST: BadRequest(),
        Situation.BROKEN: ServerFailure(),
        Situation.NO_JSON: InvalidJSON(),
        Situation.INTERRUPTED: replace(text, fault=Disconnect(1)),
    }
    return outcomes[situation]


class ProviderConformance:
    """Subclass it under a name that pytest collects; give `factory` and `dialect`, or `provider_for`."""

    name = "outside"
    """The name that the provider is made with."""

    model = "test-model"
    """The model that is asked, as the provider names it."""

    factory: Callable[[str, ProviderConfig], Provider]
    """Makes the provider; where `provider_for` is not given."""

    dialect: Dialect
    """How its vendor speaks; where `provider_for` is not given."""

    def provider_for(self, situation: Situation) -> Provider:
        """Return a new provider whose vendor is in `situation`, with `KEY` for its key."""
        missing = [name for name in ("factory", "dialect") if not hasattr(self, name)]
        if missing:
            pytest.fail(
                f"{type(self).__name__} does not say its {' and '.join(missing)}; set `factory` to your provider "
                "and `dialect` to what plays its vendor, or write `provider_for(situation)`",
                pytrace=False,
            )
        script = Script("conformance")
        script.add(Turn(action=_outcome(situation), times=None))
        player = WirePlayer(Harness(script), "transport", {self.name: self.dialect})
        config = ProviderConfig(api_key=KEY, http_client=client_factory(player, self.name))
        return type(self).factory(self.name, config)

    # --- tools of the tests ---

    def _request(self, params: Mapping[str, object], *, stream: bool = False) -> ChatRequest:
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello."}]
        return ChatRequest(model=self.model, messages=messages, params=params, stream=stream)

    def _each(self, situation: Situation, **params: object) -> list[ModelResponse]:
        """Ask plainly, in every flavour there is."""
        return self._each_way(situation, lambda provider: _complete(provider, self._request(params)))

    def _each_stream(self, situation: Situation, **params: object) -> list[tuple[str, ModelResponse]]:
        """Ask by a stream, in every flavour there is."""
        return self._each_way(situation, lambda provider: _stream(provider, self._request(params, stream=True)))

    def _each_way(self, situation: Situation, ask: Callable[[Provider], list[Callable[[], T]]]) -> list[T]:
        count = len(ask(self.provider_for(situation)))
        assert count, "a provider has ChatCapability, SyncChatCapability, or both"
        return [ask(self.provider_for(situation))[way]() for way in range(count)]

    # --- tests ---

    def test_it_has_a_name_and_a_capability(self) -> None:
        """A provider has a name, and chats."""
        provider = self.provider_for(Situation.TEXT)
        assert provider.name
        assert isinstance(provider, CAPABILITY_PROTOCOLS[Capability.CHAT])

    def test_a_plain_answer_is_in_openais_shape(self) -> None:
        """Text, finish reason, usage, model, provider, and the vendor's own JSON."""
        for reply in self._each(Situation.TEXT):
            assert reply.text == TEXT
            assert reply.finish_reason == "stop"
            assert reply.message.role == "assistant"
            assert reply.provider == self.provider_for(Situation.TEXT).name
            assert reply.raw_response
            assert reply.usage is not None
            counted = (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens)
            assert counted == (3, 2, 5)

    def test_a_stream_gives_the_same_answer_in_pieces(self) -> None:
        """The chunks' text, put together, is the answer, and the response at the end is the plain call's."""
        (plain, *_) = self._each(Situation.TEXT)
        for text, reply in self._each_stream(Situation.TEXT):
            assert text == reply.text == TEXT
            assert reply.finish_reason == plain.finish_reason
            assert reply.usage == plain.usage

    def test_a_tool_call_has_a_name_and_arguments(self) -> None:
        """Plain and streamed."""
        streamed = [reply for _, reply in self._each_stream(Situation.TOOL_CALL, tools=[TOOL])]
        for reply in (*self._each(Situation.TOOL_CALL, tools=[TOOL]), *streamed):
            (call,) = reply.tool_calls
            assert call.id
            assert (call.name, call.arguments) == ("get_weather", {"city": "Paris"})
            assert reply.finish_reason == "tool_calls"

    def test_an_answer_that_was_cut_off_says_so(self) -> None:
        """The token limit is finish reason "length"."""
        for reply in self._each(Situation.CUT_OFF):
            assert reply.finish_reason == "length"

    @pytest.mark.parametrize("situation", ERRORS)
    def test_an_error_is_its_class(self, situation: Situation) -> None:
        """Of this library's tree, with the provider's name and the model."""
        provider = self.provider_for(situation)
        for way in _complete(provider, self._request({})):
            with pytest.raises(ERRORS[situation]) as caught:
                way()
            assert (caught.value.provider, caught.value.model) == (provider.name, self.model)

    @pytest.mark.parametrize("situation", REFUSALS)
    def test_a_stream_that_is_refused_is_refused_when_it_opens(self, situation: Situation) -> None:
        """The error is the plain call's."""
        for way in _stream(self.provider_for(situation), self._request({}, stream=True)):
            with pytest.raises(ERRORS[situation]):
                way()

    def test_the_time_to_wait_is_read(self) -> None:
        """`Retry-After` is in `retry_after`, the status in `status_code`."""
        for way in _complete(self.provider_for(Situation.RATE_LIMITED), self._request({})):
            with pytest.raises(errors.RateLimitError) as caught:
                way()
            assert (caught.value.retry_after, caught.value.status_code) == (2.0, 429)

    def test_a_stream_that_ends_too_early_is_an_error_with_what_arrived(self) -> None:
        """A truncated answer never looks like a whole one."""
        for way in _stream(self.provider_for(Situation.INTERRUPTED), self._request({}, stream=True)):
            with pytest.raises(errors.StreamInterruptedError) as caught:
                way()
            assert caught.value.partial is not None
            assert caught.value.partial.text == "Hello"
            assert caught.value.partial.finish_reason is None

    def test_the_key_is_shown_nowhere(self) -> None:
        """Not in a repr, nor in an error that quotes it."""
        provider = self.provider_for(Situation.WRONG_KEY)
        assert KEY not in repr(provider)
        for way in _complete(provider, self._request({})):
            with pytest.raises(errors.AuthenticationError) as caught:
                way()
            assert KEY not in f"{caught.value!r} {caught.value} {caught.value.body}"

    def test_closing_twice_is_harmless(self) -> None:
        """Whether it was used or not."""
        provider = self.provider_for(Situation.TEXT)
        provider.close()
        provider.close()
        asyncio.run(_close_twice(self.provider_for(Situation.TEXT)))

    def test_it_works_under_both_routers(self) -> None:
        """Also where it has the other flavour only."""

        async def ask() -> str:
            async with ModelRouter("openai/any") as router:
                return (await router.complete("hello")).text

        with override_providers(lambda _name, _config, _factory: self.provider_for(Situation.TEXT)):
            assert asyncio.run(ask()) == TEXT
            with SyncModelRouter("openai/any") as router:
                assert router.complete("hello").text == TEXT

    def test_a_router_tries_again_after_an_error_that_passes(self) -> None:
        """The category of the error is what routing goes by."""
        situations = iter([Situation.BROKEN, Situation.TEXT])

        def next_provider(_name: str, _config: object, _factory: object) -> Provider:
            return self.provider_for(next(situations))

        with override_providers(next_provider), SyncModelRouter("openai/one", fallbacks=["anthropic/two"]) as router:
            reply = router.complete("hello")
        assert reply.text == TEXT
        assert [attempt.outcome for attempt in reply.attempts] == ["failed", "success"]


def _complete(provider: Provider, request: ChatRequest) -> list[Callable[[], ModelResponse]]:
    ways: list[Callable[[], ModelResponse]] = []
    if isinstance(provider, SyncChatCapability):
        sync = provider
        ways.append(lambda: sync.complete_sync(request))
    if isinstance(provider, ChatCapability):
        asynchronous = provider
        ways.append(lambda: asyncio.run(_awaited(lambda: asynchronous.complete(request))))
    return ways


def _stream(provider: Provider, request: ChatRequest) -> list[Callable[[], tuple[str, ModelResponse]]]:
    ways: list[Callable[[], tuple[str, ModelResponse]]] = []
    if isinstance(provider, SyncChatCapability):
        sync = provider
        ways.append(lambda: _read(sync, request))
    if isinstance(provider, ChatCapability):
        asynchronous = provider
        ways.append(lambda: asyncio.run(_read_async(asynchronous, request)))
    return ways


async def _awaited(call: Callable[[], Awaitable[T]]) -> T:
    return await call()


def _read(provider: SyncChatCapability, request: ChatRequest) -> tuple[str, ModelResponse]:
    stream = provider.stream_sync(request)
    try:
        return "".join(chunk.text for chunk in stream), stream.response
    finally:
        stream.close()


async def _read_async(provider: ChatCapability, request: ChatRequest) -> tuple[str, ModelResponse]:
    stream = await provider.stream(request)
    try:
        return "".join([chunk.text async for chunk in stream]), stream.response
    finally:
        await stream.aclose()


async def _close_twice(provider: Provider) -> None:
    await provider.aclose()
    await provider.aclose()
