"""Embeddings, images, speech and transcription in LiteLLM's words."""

from __future__ import annotations

import base64

import pytest

from llmclient import testing as fake
from llmclient.compat import litellm


async def test_embeddings(llm):
    llm.on("*").reply(embeddings=[[1.0, 0.0], [0.0, 1.0]], times=2)
    response = await litellm.aembedding(model="text-embedding-3-small", input=["a", "b"])
    assert [row["embedding"] for row in response.data] == [[1.0, 0.0], [0.0, 1.0]]
    router = litellm.Router(model_list=[{"model_name": "e", "litellm_params": {"model": "text-embedding-3-small"}}])
    assert (await router.aembedding(model="e", input=["a", "b"])).data[1]["embedding"] == [0.0, 1.0]


def test_embeddings_from_sync_code(llm):
    llm.on("*").reply(embeddings=[[1.0, 0.0]])
    assert litellm.embedding(model="text-embedding-3-small", input="a").data[0]["embedding"] == [1.0, 0.0]


async def test_images(llm):
    llm.on("*").reply(image=b"png", times=2)
    assert base64.b64decode((await litellm.aimage_generation("a fox", model="gpt-image-1")).data[0].b64_json) == b"png"
    assert litellm.image_generation(prompt="a fox", model="gpt-image-1").data[0].b64_json


async def test_speech(llm, tmp_path):
    llm.on("*").reply(audio=b"sound", times=2)
    (await litellm.aspeech(model="tts-1", input="hi", voice="alloy")).stream_to_file(tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == b"sound"
    assert litellm.speech(model="tts-1", input="hi").content == b"sound"


async def test_transcription(llm):
    llm.on("*").reply(transcript="hello", times=2)
    assert (await litellm.atranscription(model="whisper-1", file=b"sound")).text == "hello"
    assert litellm.transcription(model="whisper-1", file=b"sound").text == "hello"


async def test_errors_are_litellms(llm):
    llm.on("*").fail(fake.Auth())
    with pytest.raises(litellm.AuthenticationError):
        await litellm.aembedding(model="text-embedding-3-small", input=["a"])


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("embedding", {"model": "text-embedding-3-small", "input": "a"}),
        ("image_generation", {"model": "gpt-image-1", "prompt": "a fox"}),
        ("speech", {"model": "tts-1", "input": "hi"}),
        ("transcription", {"model": "whisper-1", "file": b"sound"}),
    ],
)
async def test_errors_of_each_are_litellms_in_sync_code_and_in_async(llm, name, given):
    llm.on("*").fail(fake.Auth(), times=2)
    with pytest.raises(litellm.AuthenticationError):
        getattr(litellm, name)(**given)
    with pytest.raises(litellm.AuthenticationError):
        await getattr(litellm, f"a{name}")(**given)


def test_a_routers_embeddings_from_sync_code(llm):
    llm.on("*").reply(embeddings=[[1.0, 0.0]])
    router = litellm.Router(model_list=[{"model_name": "e", "litellm_params": {"model": "text-embedding-3-small"}}])
    assert router.embedding(model="e", input="a").data[0]["embedding"] == [1.0, 0.0]
