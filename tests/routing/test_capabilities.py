"""Embeddings, images, speech, transcription and lists of models: routed as chat is, in both flavours."""

from __future__ import annotations

import base64
import inspect
import json
import pickle
from array import array

import pytest

from llmclient import (
    AllModelsFailedError,
    Deployment,
    MalformedResponseError,
    ModelRouter,
    ProviderConfig,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
    SyncModelRouter,
    UnsupportedCapabilityError,
)
from llmclient.testing.clock import VirtualClock
from llmclient.types.policy import RetryPolicy
from support.canned import Answer, Canned, answer


def encoded(*numbers: float) -> str:
    return base64.b64encode(array("f", numbers)).decode()


def vectors(*rows, model="text-embedding-3-small", **more) -> Answer:
    data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
    usage = {"prompt_tokens": 1000, "total_tokens": 1000}
    return answer({"object": "list", "data": data, "model": model, "usage": usage}, **more)


PNG = b"\x89PNG made up"
IMAGES = {
    "created": 1,
    "data": [{"b64_json": base64.b64encode(PNG).decode(), "revised_prompt": "a red fox"}],
    "usage": {
        "input_tokens": 10,
        "output_tokens": 100,
        "total_tokens": 110,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 0},
    },
}
VERBOSE = {
    "text": "hello world",
    "language": "english",
    "duration": 2.0,
    "segments": [{"id": 0, "start": 0.0, "end": 2.0, "text": "hello world", "avg_logprob": -0.1}],
    "words": [{"word": "hello", "start": 0.0, "end": 0.8}, {"word": "world", "start": 1.0, "end": 1.9}],
    "usage": {"type": "duration", "seconds": 2},
}
MODELS = {
    "object": "list",
    "data": [
        {"id": "gpt-4o", "object": "model", "created": 1, "owned_by": "openai"},
        {"id": "never-heard-of-it", "object": "model", "created": 2, "owned_by": "openai"},
    ],
}
ERROR = answer({"error": {"message": "overloaded, try later", "type": "server_error", "code": None}}, 500)

TWICE = RetryPolicy(attempts=2, patience=60)
ONCE = RetryPolicy(attempts=1)


class Asked:
    """One router of either flavour over one canned transport; `ask` calls a verb and awaits it where needed."""

    def __init__(self, flavour: str, canned: Canned, *models: str, **settings) -> None:
        names = {model.partition("/")[0] for model in models} or {"openai"}
        config = ProviderConfig(api_key="sk-test-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
        cls = ModelRouter if flavour == "async" else SyncModelRouter
        first, *rest = models or ("openai/gpt-4o",)
        self.router = cls(
            first,
            fallbacks=rest,
            providers=dict.fromkeys(names, config),
            **{"retry": TWICE, "clock": VirtualClock(), **settings},
        )

    async def ask(self, verb: str, *args, **params):
        found = getattr(self.router, verb)(*args, **params)
        return await found if inspect.isawaitable(found) else found

    async def read(self, speech) -> bytes:
        found = speech.read()
        return await found if inspect.isawaitable(found) else found


flavours = pytest.mark.parametrize("flavour", ["async", "sync"])


# --- embeddings -----------------------------------------------------------------------------------------------------


@flavours
async def test_vectors_come_in_the_order_of_the_texts_whatever_order_the_wire_has(flavour) -> None:
    rows = [
        {"object": "embedding", "index": 1, "embedding": encoded(3, 4)},
        {"object": "embedding", "index": 0, "embedding": encoded(1, 2)},
    ]
    canned = Canned(answer({"object": "list", "data": rows, "model": "m", "usage": {"prompt_tokens": 2}}))
    reply = await Asked(flavour, canned, "openai/text-embedding-3-small").ask("embed", ["a", "b"], dimensions=2)
    assert [list(vector) for vector in reply] == [[1, 2], [3, 4]]
    assert len(reply) == 2
    assert list(reply[1]) == [3, 4]
    assert canned.bodies[0] == {
        "model": "text-embedding-3-small",
        "input": ["a", "b"],
        "dimensions": 2,
        "encoding_format": "base64",
    }
    assert reply.raw_response["data"] == rows


@flavours
async def test_vectors_cost_what_the_table_says_and_list_their_attempts(flavour) -> None:
    asked = Asked(flavour, Canned(vectors(encoded(1))), "openai/text-embedding-3-small")
    reply = await asked.ask("embed", "a")
    assert float(reply.cost.total) == pytest.approx(1000 * 0.02 / 1e6)
    assert [attempt.outcome for attempt in reply.attempts] == ["success"]
    assert reply.provider == "openai"


@flavours
async def test_numbers_on_the_wire_are_read_as_well(flavour) -> None:
    canned = Canned(vectors([0.5, 0.25]))
    reply = await Asked(flavour, canned, "openai/text-embedding-3-small").ask("embed", "a", encoding_format="float")
    assert reply.vectors[0].tolist() == [0.5, 0.25]
    assert canned.bodies[0]["encoding_format"] == "float"


@flavours
async def test_a_failed_try_is_repeated_and_then_a_fallback_is_asked(flavour) -> None:
    canned = Canned(ERROR, ERROR, vectors(encoded(1), model="other"))
    asked = Asked(flavour, canned, "openai/text-embedding-3-small", "openai/text-embedding-3-large")
    reply = await asked.ask("embed", "a")
    assert [attempt.model for attempt in reply.attempts] == [
        "openai/text-embedding-3-small",
        "openai/text-embedding-3-small",
        "openai/text-embedding-3-large",
    ]


@flavours
async def test_a_capability_has_a_primary_and_fallbacks_of_its_own(flavour) -> None:
    canned = Canned(ERROR, ERROR, vectors(encoded(1)))
    asked = Asked(
        flavour,
        canned,
        "openai/gpt-4o",
        embeddings=["openai/text-embedding-3-small", Deployment("openai/text-embedding-3-large")],
    )
    await asked.ask("embed", "a")
    assert [body["model"] for body in canned.bodies] == [
        "text-embedding-3-small",
        "text-embedding-3-small",
        "text-embedding-3-large",
    ]


@flavours
async def test_many_texts_go_in_batches_and_come_back_as_one_answer(flavour) -> None:
    def of(request) -> Answer:
        texts = json.loads(request.content)["input"]
        return vectors(*[encoded(float(text)) for text in texts])

    canned = Canned(of)
    texts = [str(number) for number in range(5000)]
    reply = await Asked(flavour, canned, "openai/text-embedding-3-small").ask("embed", texts)
    assert [len(body["input"]) for body in canned.bodies] == [2048, 2048, 904]
    assert [vector[0] for vector in reply] == [float(text) for text in texts]
    assert [entry.index for entry in reply.data] == list(range(5000))
    assert reply.usage.total_tokens == 3000
    assert len(reply.raw_response["batches"]) == 3


@flavours
async def test_long_texts_make_smaller_batches(flavour) -> None:
    canned = Canned(lambda request: vectors(*[encoded(1)] * len(json.loads(request.content)["input"])))
    await Asked(flavour, canned, "openai/text-embedding-3-small").ask("embed", ["x" * 300_000] * 5)
    assert [len(body["input"]) for body in canned.bodies] == [2, 2, 1]


@flavours
async def test_a_retry_pays_for_no_batch_twice(flavour) -> None:
    whole = [encoded(1)] * 2048
    canned = Canned(vectors(*whole), ERROR, vectors(encoded(2)))
    reply = await Asked(flavour, canned, "openai/text-embedding-3-small").ask("embed", ["x"] * 2049)
    assert [len(body["input"]) for body in canned.bodies] == [2048, 1, 1]
    assert len(reply) == 2049


@flavours
async def test_vectors_of_two_models_are_never_mixed(flavour) -> None:
    canned = Canned(vectors(*[encoded(1)] * 2048), ERROR, ERROR, vectors(*[encoded(2)] * 2048), vectors(encoded(2)))
    asked = Asked(flavour, canned, "openai/text-embedding-3-small", "openai/text-embedding-3-large")
    reply = await asked.ask("embed", ["x"] * 2049)
    assert {vector[0] for vector in reply} == {2}


@flavours
async def test_too_few_vectors_are_a_malformed_answer(flavour) -> None:
    asked = Asked(flavour, Canned(vectors(encoded(1))), "openai/text-embedding-3-small", retry=ONCE)
    with pytest.raises(MalformedResponseError, match="1 vectors for 2 texts"):
        await asked.ask("embed", ["a", "b"])


@flavours
async def test_no_text_is_refused_before_anything_is_sent(flavour) -> None:
    canned = Canned(ERROR)
    with pytest.raises(ValueError, match="no text"):
        await Asked(flavour, canned).ask("embed", [])
    assert canned.requests == []


@flavours
async def test_a_provider_without_the_capability_is_named_with_those_that_have_it(flavour) -> None:
    asked = Asked(flavour, Canned(ERROR), "deepseek/deepseek-chat")
    with pytest.raises(UnsupportedCapabilityError, match="openai") as caught:
        await asked.ask("embed", "a")
    assert "mistral" in caught.value.alternatives


def test_numpy_gets_one_matrix() -> None:
    numpy = pytest.importorskip("numpy")
    router = Asked("sync", Canned(vectors(encoded(1, 2), encoded(3, 4))), "openai/text-embedding-3-small").router
    matrix = router.embed(["a", "b"]).numpy()
    assert matrix.dtype == numpy.float32
    assert matrix.tolist() == [[1, 2], [3, 4]]
    assert matrix.flags.writeable
    floats = Asked("sync", Canned(vectors([1.5, 2], encoded(3, 4))), "openai/text-embedding-3-small").router
    assert floats.embed(["a", "b"]).numpy().tolist() == [[1.5, 2], [3, 4]]
    assert type(floats.embed(["a", "b"]))().numpy().shape == (0, 0)


@pytest.mark.parametrize("odd", [encoded(1), encoded(1, 2, 3), [1.0]])
def test_vectors_of_different_lengths_make_no_matrix(odd) -> None:
    pytest.importorskip("numpy")
    router = Asked("sync", Canned(vectors(encoded(1, 2), odd)), "openai/text-embedding-3-small").router
    with pytest.raises(ValueError, match=r"vector 1 has \d dimensions and vector 0 has 2"):
        router.embed(["a", "b"]).numpy()


def test_the_json_of_many_batches_is_parsed_when_asked_for(monkeypatch) -> None:
    canned = Canned(vectors(*[encoded(1, 2)] * 2048), vectors(encoded(3, 4)))
    reply = Asked("sync", canned, "openai/text-embedding-3-small").router.embed(["x"] * 2049)
    copied = pickle.loads(pickle.dumps(reply))
    with monkeypatch.context() as patched:
        patched.setattr(json, "loads", lambda *_: pytest.fail("parsed before anybody asked"))
        assert len(Asked("sync", canned, "openai/text-embedding-3-small").router.embed(["y"])) == 1
    assert [len(batch["data"]) for batch in reply.raw_response["batches"]] == [2048, 1]
    assert copied.raw_response == reply.raw_response


# --- images ---------------------------------------------------------------------------------------------------------


@flavours
async def test_an_image_comes_as_bytes_and_is_saved(flavour, tmp_path) -> None:
    canned = Canned(answer(IMAGES))
    reply = await Asked(flavour, canned, images="openai/gpt-image-1").ask("generate_image", "a fox", size="1024x1024")
    assert reply.save(tmp_path / "fox.png").read_bytes() == PNG
    assert reply.data[0].revised_prompt == "a red fox"
    assert canned.bodies[0] == {"model": "gpt-image-1", "prompt": "a fox", "size": "1024x1024"}
    assert canned.requests[0].url.path == "/v1/images/generations"
    assert float(reply.cost.total) > 0


@flavours
async def test_an_older_model_is_asked_for_bytes_unless_the_caller_wants_a_link(flavour) -> None:
    linked = {"created": 1, "data": [{"url": "https://images.example/fox.png"}]}
    canned = Canned(answer(IMAGES), answer(linked))
    asked = Asked(flavour, canned, images="openai/dall-e-3")
    await asked.ask("generate_image", "a fox")
    reply = await asked.ask("generate_image", "a fox", response_format="url")
    assert [body["response_format"] for body in canned.bodies] == ["b64_json", "url"]
    assert reply.url == "https://images.example/fox.png"
    with pytest.raises(ValueError, match="is a link"):
        _ = reply.content


@flavours
async def test_editing_sends_a_form_with_every_image(flavour, tmp_path) -> None:
    (tmp_path / "one.png").write_bytes(b"first")
    canned = Canned(answer(IMAGES))
    reply = await Asked(flavour, canned, images="openai/gpt-image-1").ask(
        "edit_image", [tmp_path / "one.png", b"second"], "make it blue", mask=b"hole"
    )
    (request,) = canned.requests
    form = request.content
    assert request.url.path == "/v1/images/edits"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert form.count(b'name="image[]"') == 2
    assert b'filename="one.png"' in form
    assert b'name="mask"; filename="mask.png"' in form
    assert b"make it blue" in form
    assert reply.content == PNG


# --- speech ---------------------------------------------------------------------------------------------------------


@flavours
async def test_speech_is_read_as_it_comes(flavour, tmp_path) -> None:
    audio = Answer([b"ID3", b"abc", b"def"], headers={"content-type": "audio/mpeg", "x-request-id": "req_1"})
    canned = Canned(audio)
    asked = Asked(flavour, canned, speech="openai/tts-1")
    speech = await asked.ask("speak", "hello", voice="coral")
    assert speech.facts.media_type == "audio/mpeg"
    assert await asked.read(speech) == b"ID3abcdef"
    assert canned.bodies[0] == {"model": "tts-1", "input": "hello", "voice": "coral"}
    assert canned.requests[0].headers["accept"] == "application/octet-stream"  # as the vendor's SDK asks for audio
    assert float(speech.cost.total) == pytest.approx(5 * 15 / 1e6)
    assert [attempt.outcome for attempt in speech.attempts] == ["success"]
    assert canned.opened == canned.closed


@flavours
async def test_speech_that_breaks_off_says_so(flavour) -> None:
    import openai

    http = __import__(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])
    broken = Answer([b"abc", http.RemoteProtocolError("peer closed")], headers={"content-type": "audio/mpeg"})
    asked = Asked(flavour, Canned(broken), speech="openai/tts-1")
    speech = await asked.ask("speak", "hello")
    with pytest.raises(StreamInterruptedError, match="after 3 bytes"):
        await asked.read(speech)


@flavours
async def test_speech_that_is_refused_is_tried_again(flavour) -> None:
    canned = Canned(ERROR, Answer([b"abc"], headers={"content-type": "audio/mpeg"}))
    asked = Asked(flavour, canned, speech="openai/tts-1")
    speech = await asked.ask("speak", "hello")
    assert await asked.read(speech) == b"abc"
    assert [attempt.outcome for attempt in speech.attempts] == ["failed", "success"]


# --- transcription --------------------------------------------------------------------------------------------------


@flavours
async def test_a_transcript_has_text_segments_and_words(flavour, tmp_path) -> None:
    (tmp_path / "talk.wav").write_bytes(b"RIFF made up")
    canned = Canned(answer(VERBOSE))
    reply = await Asked(flavour, canned, transcription="openai/whisper-1").ask(
        "transcribe",
        tmp_path / "talk.wav",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert reply.text == "hello world"
    assert [word.word for word in reply.words] == ["hello", "world"]
    assert reply.segments[0].end == 2.0
    assert float(reply.cost.total) == pytest.approx(2 * 0.0001)
    form = canned.requests[0].content
    assert b'filename="talk.wav"' in form
    assert b"RIFF made up" in form
    assert form.count(b'name="timestamp_granularities[]"') == 2


@flavours
async def test_an_open_file_is_sent_again_whole_by_a_retry(flavour, tmp_path) -> None:
    (tmp_path / "talk.mp3").write_bytes(b"made up")
    canned = Canned(ERROR, answer({"text": "hi"}))
    with (tmp_path / "talk.mp3").open("rb") as file:
        reply = await Asked(flavour, canned, transcription="openai/gpt-4o-transcribe").ask("transcribe", file)
    assert reply.text == "hi"
    assert all(b"made up" in request.content for request in canned.requests)


@flavours
async def test_subtitles_are_text(flavour) -> None:
    canned = Canned(answer("1\n00:00:00,000 --> 00:00:01,000\nhi\n", content_type="text/plain"))
    reply = await Asked(flavour, canned, transcription="openai/whisper-1").ask(
        "transcribe", b"bytes", response_format="srt"
    )
    assert reply.text.endswith("hi\n")
    assert reply.raw_response == {"text": reply.text}


async def test_a_file_opened_as_text_is_refused(tmp_path) -> None:
    (tmp_path / "talk.mp3").write_text("made up")
    with (tmp_path / "talk.mp3").open() as file, pytest.raises(TypeError, match="mode 'rb'"):
        await Asked("async", Canned(ERROR)).ask("transcribe", file)


# --- models ---------------------------------------------------------------------------------------------------------


@flavours
async def test_models_are_listed_live_with_the_tables_prices_and_limits(flavour) -> None:
    canned = Canned(answer(MODELS))
    found = await Asked(flavour, canned, "openai/gpt-4o", "perplexity/sonar").ask("list_models")
    known, unknown = found
    assert known.name == "openai/gpt-4o"
    assert known.context_window == 128_000
    assert known.input_cost_per_token == pytest.approx(2.5e-6)
    assert unknown.input_cost_per_token is None
    assert [request.method for request in canned.requests] == ["GET"]


@flavours
async def test_a_host_that_answers_with_a_bare_list_is_read(flavour) -> None:
    canned = Canned(answer([{"id": "m", "object": "model", "context_length": 4096, "created": None}]))
    (found,) = await Asked(flavour, canned, "together/m").ask("list_models")
    assert (found.name, found.context_window) == ("together/m", 4096)


# --- what all have in common ----------------------------------------------------------------------------------------

VERBS = [
    ("embed", "a"),
    ("generate_image", "a fox"),
    ("speak", "hello"),
    ("transcribe", b"audio"),
    ("list_models",),
]


@flavours
@pytest.mark.parametrize("call", VERBS, ids=lambda call: call[0])
async def test_an_error_is_its_class_after_the_retries(flavour, call) -> None:
    canned = Canned(answer({"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}}, 429))
    asked = Asked(flavour, canned, "openai/gpt-4o")
    with pytest.raises(RateLimitError, match="slow down") as caught:
        await asked.ask(*call)
    assert len(caught.value.attempts) == len(canned.requests) == 2


@flavours
@pytest.mark.parametrize("call", VERBS[:4], ids=lambda call: call[0])
async def test_when_every_model_fails_each_error_is_told(flavour, call) -> None:
    asked = Asked(flavour, Canned(ERROR), "openai/one", "openai/two")
    with pytest.raises(AllModelsFailedError) as caught:
        await asked.ask(*call)
    assert [type(error) for error in caught.value.errors] == [ServerError, ServerError]


@flavours
@pytest.mark.parametrize("call", [VERBS[0], VERBS[1], VERBS[3]], ids=lambda call: call[0])
async def test_an_answer_that_cannot_be_read_is_malformed(flavour, call) -> None:
    asked = Asked(flavour, Canned(answer("<html>", content_type="text/html")), retry=ONCE)
    with pytest.raises(MalformedResponseError):
        await asked.ask(*call)


@flavours
@pytest.mark.parametrize("call", [VERBS[0], VERBS[1], VERBS[3]], ids=lambda call: call[0])
async def test_an_error_inside_a_200_is_an_error(flavour, call) -> None:
    body = {"error": {"message": "boom", "type": "server_error"}}
    asked = Asked(flavour, Canned(answer(body)), retry=ONCE)
    with pytest.raises(ServerError, match="boom"):
        await asked.ask(*call)


@flavours
async def test_statistics_count_every_capability(flavour) -> None:
    asked = Asked(flavour, Canned(vectors(encoded(1))), "openai/text-embedding-3-small")
    await asked.ask("embed", "a")
    assert asked.router.stats().successes == 1


@flavours
@pytest.mark.parametrize(("verb", "args"), [("embed", ("a",)), ("speak", ("a",)), ("transcribe", (b"a",))])
async def test_extra_fields_and_headers_travel(flavour, verb, args) -> None:
    canned = Canned(ERROR)
    asked = Asked(flavour, canned, retry=ONCE)
    with pytest.raises(ServerError):
        await asked.ask(verb, *args, extra_body={"future_field": "yes"}, extra_headers={"x-mine": "1"})
    (request,) = canned.requests
    assert b"future_field" in request.content
    assert request.headers["x-mine"] == "1"
