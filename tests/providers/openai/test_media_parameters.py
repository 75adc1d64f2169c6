"""Beside chat too, nothing is dropped silently: what a model has no place for is an error, or a logged drop."""

from __future__ import annotations

import json

import pytest

from llmclient import ModelRouter, ProviderConfig, SyncModelRouter, UnsupportedParameterError
from support.canned import Canned, answer

IMAGES = {"created": 1, "data": [{"b64_json": "aGk="}]}
VECTORS = {"data": [{"index": 0, "embedding": [1.0]}], "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
VERBS = {
    "embed": answer(VECTORS),
    "generate_image": answer(IMAGES),
    "speak": answer(b"ID3"),
    "transcribe": answer({"text": "hi"}),
}
NO_PLACE = [
    ("embed", "text-embedding-ada-002", {"dimensions": 256}),
    ("embed", "text-embedding-3-small", {"input_type": "query"}),
    ("generate_image", "gpt-image-1.5", {"response_format": "url"}),
    ("generate_image", "gpt-image-1.5", {"style": "vivid"}),
    ("generate_image", "gpt-image-1.5", {"stream": True}),
    ("generate_image", "dall-e-3", {"background": "transparent"}),
    ("speak", "tts-1", {"instructions": "whisper"}),
    ("speak", "tts-1-hd", {"instructions": "whisper"}),
    ("speak", "gpt-4o-mini-tts", {"stream_format": "sse"}),
    ("transcribe", "whisper-1", {"include": ["logprobs"]}),
    ("transcribe", "whisper-1", {"stream": True}),
    ("transcribe", "gpt-4o-transcribe", {"response_format": "srt"}),
    ("transcribe", "gpt-4o-mini-transcribe", {"timestamp_granularities": ["word"]}),
    ("transcribe", "gpt-4o-transcribe-diarize", {"prompt": "names"}),
    ("transcribe", "gpt-4o-transcribe", {"known_speaker_names": ["Ann"]}),
]
TAKEN = [
    ("embed", "text-embedding-3-small", {"dimensions": 256}),
    ("generate_image", "gpt-image-1.5", {"background": "transparent", "output_format": "webp"}),
    ("generate_image", "dall-e-3", {"style": "vivid", "response_format": "url"}),
    ("speak", "gpt-4o-mini-tts", {"instructions": "whisper", "speed": 2.0}),
    ("transcribe", "gpt-4o-transcribe", {"prompt": "names", "response_format": "json"}),
    ("transcribe", "gpt-4o-transcribe-diarize", {"response_format": "diarized_json", "chunking_strategy": "auto"}),
]
LEFT_OUT = [
    ("generate_image", "gpt-image-1.5", {"response_format": "b64_json"}),
    ("speak", "tts-1", {"stream_format": "audio"}),
    ("embed", "text-embedding-ada-002", {"dimensions": 1536}),
]


def asked(verb, model, params, provider="openai"):
    canned = Canned(VERBS[verb])
    config = ProviderConfig(api_key="sk-test", base_url="http://127.0.0.1:9/v1", http_client=canned)
    given = b"RIFF" if verb == "transcribe" else "a"
    with SyncModelRouter(f"{provider}/{model}", providers={provider: config}) as router:
        made = getattr(router, verb)(given, **params)
        if verb == "speak":
            made.read()
    (request,) = canned.requests
    return request.content.decode("latin-1")


def names(body):
    return set(json.loads(body)) if body.startswith("{") else set(body.replace('"', " ").replace("[]", " ").split())


@pytest.mark.parametrize(("verb", "model", "params"), NO_PLACE)
def test_what_has_no_place_is_an_error_or_a_logged_drop(verb, model, params, caplog):
    (name,) = params
    with pytest.raises(UnsupportedParameterError, match=f"openai takes no parameter '{name}' \\(.+\\)"):
        asked(verb, model, params)
    assert name not in names(asked(verb, model, {**params, "drop_unsupported": True}))
    assert f"left out '{name}' of a request to openai/{model}" in caplog.text


@pytest.mark.parametrize(("verb", "model", "params"), TAKEN)
def test_what_a_model_takes_is_sent(verb, model, params, caplog):
    assert set(params) <= names(asked(verb, model, params))
    assert caplog.text == ""


@pytest.mark.parametrize(("verb", "model", "params"), LEFT_OUT)
def test_what_comes_anyway_is_left_out_without_a_word(verb, model, params, caplog):
    assert not set(params) & names(asked(verb, model, params))
    assert caplog.text == ""


def test_other_hosts_judge_for_themselves():
    assert "input_type" in names(asked("embed", "mistral-embed", {"input_type": "query"}, "mistral"))


async def test_async_calls_go_by_the_same_rows():
    config = ProviderConfig(api_key="sk-test", base_url="http://127.0.0.1:9/v1", http_client=Canned(VERBS["speak"]))
    async with ModelRouter("openai/tts-1", providers={"openai": config}) as router:
        for verb, given in (("speak", "a"), ("transcribe", b"RIFF"), ("generate_image", "a")):
            with pytest.raises(UnsupportedParameterError):
                await getattr(router, verb)(given, **{"speak": {"instructions": "x"}}.get(verb, {"stream": True}))
