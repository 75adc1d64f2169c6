"""Vectors stay in the body that they came in until somebody asks, and nobody can tell but by the time it takes."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmclient import ProviderConfig, get_provider
from llmclient.errors import LLMClientError
from llmclient.types import Embedding, EmbeddingRequest, EmbeddingResponse
from support.canned import Canned, answer


def encoded(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def embed(*bodies: bytes, texts: int) -> EmbeddingResponse:
    """What the provider makes of answers."""
    canned = Canned(*(answer(body) for body in bodies))
    config = ProviderConfig(api_key="x", base_url="http://127.0.0.1:9/v1", http_client=canned)
    return get_provider("custom", config).embed_sync(EmbeddingRequest(model="m", input=["x"] * texts))


def body_of(rows: list[dict], **more: object) -> dict:
    return {"object": "list", "data": rows, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 2}, **more}


ROWS = [
    {"object": "embedding", "index": 1, "embedding": encoded(3, 4), "note": "ours"},
    {"object": "embedding", "index": 0, "embedding": encoded(1, 2), "meta": {"tags": ["embedding", None]}},
]


def both(spaces: int | None = None) -> tuple[EmbeddingResponse, EmbeddingResponse]:
    """The same answer, left unread and read as plain JSON."""
    body = body_of(ROWS, host="somewhere")
    plain = EmbeddingResponse.model_validate(body | {"data": sorted(ROWS, key=lambda row: row["index"])})
    plain.provider, plain.request_id = "custom", None
    return embed(json.dumps(body, indent=spaces).encode(), texts=2), plain


@pytest.mark.parametrize("spaces", [None, 2])
def test_an_unread_answer_is_what_json_says(spaces) -> None:
    unread, plain = both(spaces)
    assert [vector.tolist() for vector in unread] == [[1, 2], [3, 4]]
    assert unread.vectors == plain.vectors
    assert (len(unread), unread[1].tolist(), unread[-1].tolist()) == (2, [3, 4], [3, 4])
    with pytest.raises(IndexError):
        _ = unread[2]
    assert unread.model_dump() == plain.model_dump()
    written = unread.model_dump_json(exclude_unset=True)
    assert EmbeddingResponse.model_validate_json(written).data == plain.data
    assert json.loads(written) == json.loads(plain.model_dump_json(exclude_unset=True))
    assert unread.data == plain.data
    assert unread.data[1].model_extra == {"note": "ours"}
    assert unread.raw_response == body_of(ROWS, host="somewhere")
    assert unread.model_extra == {"host": "somewhere"}


@pytest.mark.parametrize(
    "look",
    [
        lambda reply: reply.data[0].embedding,
        lambda reply: reply.model_dump()["data"][0]["embedding"],
        lambda reply: json.loads(reply.model_dump_json())["data"][0]["embedding"],
        lambda reply: reply.model_copy().data[0].embedding,
        lambda reply: copy.deepcopy(reply).data[0].embedding,
        lambda reply: pickle.loads(pickle.dumps(reply)).data[0].embedding,
        lambda reply: next(value for name, value in reply.__repr_args__() if name == "data")[0].embedding,
    ],
    ids=["data", "dump", "dump as JSON", "copy", "deep copy", "pickle", "repr"],
)
def test_whoever_looks_first_sees_the_vectors(look) -> None:
    assert look(both()[0]) == encoded(1, 2)


def test_read_or_not_answers_are_equal() -> None:
    one = both()[0]
    other = copy.copy(one)
    assert other.data
    assert one == other
    other.data[0].index = 7
    assert one != other
    assert one != "something else"


def test_what_is_put_in_the_place_of_the_vectors_counts() -> None:
    reply = both()[0]
    reply.data = [Embedding(embedding=[5.0])]
    assert (len(reply), reply[0].tolist(), reply.vectors[0].tolist()) == (1, [5], [5])
    changed = both()[0].model_copy(update={"data": []})
    assert list(changed) == []
    with pytest.raises(AttributeError):
        _ = both()[0].nothing_of_the_kind


def test_numbers_changed_in_a_read_row_count() -> None:
    numpy = pytest.importorskip("numpy")
    reply = both()[0]
    reply.data[1].embedding = encoded(8, 9)
    assert numpy.array_equal(reply.numpy(), [[1, 2], [8, 9]])


def test_batches_are_put_together_unread_or_not() -> None:
    numpy = pytest.importorskip("numpy")
    first = [{"object": "embedding", "index": index, "embedding": encoded(index)} for index in range(2048)]
    for second in ({"index": 0, "embedding": encoded(2048)}, {"index": 0, "embedding": [2048]}):
        reply = embed(*(json.dumps(body_of(rows)).encode() for rows in (first, [second])), texts=2049)
        assert numpy.array_equal(reply.numpy()[:, 0], range(2049))
        assert [entry.index for entry in reply.data] == list(range(2049))
        assert reply.usage is not None
        assert (reply.usage.prompt_tokens, reply.usage.total_tokens) == (2, 4)
        assert [len(batch["data"]) for batch in reply.raw_response["batches"]] == [2048, 1]


ODD = [
    body_of([{"index": 0, "embedding": encoded(1)}], nested={"embedding": encoded(9)}),
    body_of([{"index": 0, "embedding": encoded(1), "more": {"embedding": ""}}]),
    body_of([{"index": 0, "embedding": encoded(1), "text": 'say "embedding":"x"'}]),
    body_of([{"index": 0, "embedding": encoded(1), "text": "ü"}]),
    body_of([{"embedding": encoded(1)}]),
    body_of([{"index": "0", "embedding": encoded(1)}]),
    body_of([{"index": 0, "object": None, "embedding": encoded(1)}]),
    body_of([{"index": 0, "embedding": [1.0]}]),
    body_of([{"index": 0, "embedding": encoded(1)}]) | {"model": None, "usage": None},
    {"data": [{"index": 0, "embedding": encoded(1)}]},
]


@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
def test_odd_answers_read_the_same(body) -> None:
    reply = embed(json.dumps(body, ensure_ascii=False).encode(), texts=1)
    assert [vector.tolist() for vector in reply] == [[1]]
    assert reply.raw_response == body
    dumped = reply.model_dump(exclude_unset=True)
    for name in body.keys() - {"data", "model", "usage"}:
        assert dumped[name] == body[name]
    assert dumped["data"][0]["embedding"] == body["data"][0]["embedding"]


def test_slashes_may_be_escaped() -> None:
    text = base64.b64encode(b"\xff\xff\x7f\x3f").decode()
    assert "/" in text
    body = json.dumps(body_of([{"index": 0, "embedding": text}])).replace("/", "\\/").encode()
    reply = embed(body, texts=1)
    assert reply.data[0].embedding == text
    assert list(reply) == EmbeddingResponse(data=[Embedding(embedding=text)]).vectors


def test_the_last_of_two_keys_counts_as_in_json() -> None:
    row = f'{{"index": 0, "embedding": "{encoded(1)}", "embedding": "{encoded(2)}"}}'
    reply = embed(f'{{"data": [{row}], "model": "m"}}'.encode(), texts=1)
    assert reply[0].tolist() == [2]


@pytest.mark.parametrize("body", ["[]", "7", '{"data": 7}', '{"data": {"embedding": ""}}', '{"data": ["x"]}', "{}"])
def test_what_is_no_answer_is_an_error(body) -> None:
    with pytest.raises(LLMClientError):
        embed(body.encode(), texts=1)


def test_an_error_in_the_place_of_an_answer_is_one() -> None:
    with pytest.raises(LLMClientError, match="no such model"):
        embed(b'{"error": {"message": "no such model"}, "data": []}', texts=1)


WHOLE = json.dumps(body_of([{"index": index, "embedding": encoded(index, 1)} for index in range(3)])).encode()
ALPHABET = b'"\\{}[]:,0Ae \xc3'


@given(position=st.integers(0, len(WHOLE) - 1), what=st.integers(0, len(ALPHABET)), cut=st.booleans())
@example(position=len(WHOLE) - 1, what=0, cut=True)
def test_a_damaged_answer_is_an_error_where_json_says_so(position, what, cut) -> None:
    """One byte changed, or the rest missing: read as `json` reads it, or an error of ours."""
    damaged = WHOLE[:position] if cut else WHOLE[:position] + ALPHABET[what : what + 1] + WHOLE[position + 1 :]
    try:
        rows = json.loads(damaged)["data"]
        expected = [row["embedding"] for row in sorted(rows, key=lambda row: row.get("index", 0))]
    except (ValueError, KeyError, TypeError):
        with pytest.raises(LLMClientError):
            embed(damaged, texts=3)
        return
    try:
        reply = embed(damaged, texts=3)
    except LLMClientError:
        return
    assert [entry.embedding for entry in reply.data] == expected
