"""The routers' verbs, over a provider that stands in by the registry's override."""

from __future__ import annotations

import pytest

from llmclient import ModelRouter, SyncModelRouter, UnknownProviderError, override_providers
from llmclient.types import ChatRequest, Choice, ChunkChoice, Delta, Message, ModelResponse, StreamChunk

pytestmark = pytest.mark.unit


class Stream:
    def __init__(self) -> None:
        self.left = ["a", "b"]
        self.closed = False
        self.seen = ""

    def __iter__(self):
        return self

    def __next__(self) -> StreamChunk:
        if not self.left:
            raise StopIteration
        text = self.left.pop(0)
        self.seen += text
        return StreamChunk(choices=[ChunkChoice(delta=Delta(content=text))])

    def close(self) -> None:
        self.closed = True

    @property
    def response(self) -> ModelResponse:
        return ModelResponse(choices=[Choice(message=Message(content=self.seen))])


class AsyncStream:
    def __init__(self) -> None:
        self.inner = Stream()

    def __aiter__(self):
        return self

    async def __anext__(self) -> StreamChunk:
        for chunk in self.inner:
            return chunk
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.inner.close()

    @property
    def response(self) -> ModelResponse:
        return self.inner.response


class Base:
    name = "openai"

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []
        self.streams: list[Stream] = []

    def close(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


class OnlySync(Base):
    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        self.requests.append(request)
        return ModelResponse(choices=[Choice(message=Message(content="hi"))])

    def stream_sync(self, request: ChatRequest) -> Stream:
        self.requests.append(request)
        self.streams.append(Stream())
        return self.streams[-1]


class OnlyAsync(Base):
    async def complete(self, request: ChatRequest) -> ModelResponse:
        self.requests.append(request)
        return ModelResponse(choices=[Choice(message=Message(content="hi"))])

    async def stream(self, request: ChatRequest) -> AsyncStream:
        self.requests.append(request)
        stream = AsyncStream()
        self.streams.append(stream.inner)
        return stream


@pytest.fixture(params=[OnlySync, OnlyAsync])
def provider(request):
    provider = request.param()
    with override_providers(lambda name, config, factory: provider):
        yield provider


async def test_async_router_asks_a_provider_of_either_flavour(provider) -> None:
    async with ModelRouter("openai/gpt-5-mini") as router:
        reply = await router.complete("hello", temperature=0.5, extra_body={"x": 1}, tags=["t"])
    assert reply.text == "hi"
    assert [attempt.model for attempt in reply.attempts] == ["openai/gpt-5-mini"]
    (request,) = provider.requests
    assert request.model == "gpt-5-mini"
    assert request.messages == [{"role": "user", "content": "hello"}]
    assert request.params == {"temperature": 0.5}
    assert request.extra_body == {"x": 1}


def test_sync_router_asks_a_provider_of_either_flavour(provider) -> None:
    with SyncModelRouter("openai/gpt-5-mini") as router:
        assert router.complete("hello").text == "hi"
        with router.stream("hello") as stream:
            assert [chunk.text for chunk in stream] == ["a", "b"]
        assert stream.response.text == "ab"


async def test_leaving_a_stream_early_closes_it(provider) -> None:
    router = ModelRouter("openai/gpt-5-mini")
    async with router.stream("hello") as stream:
        async for chunk in stream:
            assert chunk.text == "a"
            break
    assert provider.streams[0].closed
    with router.sync.stream("hello") as sync_stream:
        next(sync_stream)
    assert provider.streams[1].closed
    await router.aclose()


def test_an_unknown_model_is_refused_at_once() -> None:
    with pytest.raises(UnknownProviderError):
        ModelRouter("nowhere/model")
