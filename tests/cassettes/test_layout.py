"""The text of a cassette file: readable, exact, and vcrpy's."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from llmclient.testing.cassettes.bodies import compact_json, is_json, lay_out_json
from llmclient.testing.cassettes.errors import CassetteFileError
from llmclient.testing.cassettes.layout import Interaction, read_interactions, write_interactions

awkward = st.text(st.sampled_from(list("a \n\t\ré😀\u2028\x85\"\\{}[]:,1\x00\ufeff#-'%|>&*!")), max_size=12)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | awkward,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(awkward, inner, max_size=3),
    max_leaves=8,
)


def interaction(body: object, **response: object) -> Interaction:
    return {
        "request": {"method": "POST", "uri": "https://api.openai.com/v1/x", "headers": {}, "body": body},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": body}, **response},
    }


@settings(max_examples=150, deadline=None)
@given(awkward)
def test_any_text_comes_back_as_it_was_and_json_but_for_blanks(text: str) -> None:
    back, _ = read_interactions(write_interactions([interaction(text)] * 2), "x.yaml")
    plain = compact_json if is_json(text) else str
    assert [plain(entry["request"]["body"]) for entry in back] == [plain(text), plain(text)]


@settings(max_examples=150, deadline=None)
@given(document=st.lists(documents, max_size=3), escaped=st.booleans())
def test_laying_json_out_changes_nothing_but_blanks(*, document: list[object], escaped: bool) -> None:
    text = json.dumps(document, ensure_ascii=escaped)
    laid_out = lay_out_json(text)
    assert json.loads(laid_out) == json.loads(text)
    assert compact_json(laid_out) == compact_json(lay_out_json(laid_out))


def test_bytes_that_are_no_text_are_kept_in_base64() -> None:
    text = write_interactions([interaction(b"\x00\xff" * 100)])
    assert "!!binary" in text
    assert read_interactions(text, "x.yaml")[0][0]["request"]["body"] == b"\x00\xff" * 100


def test_json_is_laid_out_over_lines_with_its_key_order_and_numbers_as_sent() -> None:
    text = write_interactions([interaction(b'{"b":1.50,"a":["x",{"y":[]}],"v":[1,2]}')])
    assert '      "b": 1.50,' in text
    assert text.index('"b"') < text.index('"a"')
    assert '"v": [1, 2]' in text


def test_an_event_stream_is_a_line_an_event_even_with_emoji() -> None:
    stream = 'data: {"t": "😀"}\n\ndata: [DONE]\n\n'
    lines = write_interactions([interaction(stream)]).splitlines()
    assert '        data: {"t": "😀"}' in lines


def test_stock_yaml_reads_it() -> None:
    text = write_interactions([interaction('{"a":1}', x_llmclient={"recorded": "2026-01-01"})], {"k": "v"})
    document = yaml.safe_load(text)
    assert document["version"] == 1
    assert document["metadata"] == {"k": "v"}
    assert document["interactions"][0]["response"]["x_llmclient"] == {"recorded": "2026-01-01"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("version: 1\ninteractions:\n- request: {method: [\n", 4),
        ("version: 1\ninteractions:\n- request:\n    method: GET\n  response: {}\n", 3),
        ("version: 1\ninteractions:\n- request: {method: G, uri: u}\n  response: {}\n- request: 1\n", 5),
        ("just text\n", 1),
    ],
)
def test_a_corrupt_file_is_an_error_with_file_and_line(text: str, line: int) -> None:
    with pytest.raises(CassetteFileError, match=rf"^some/file\.yaml:{line}: ") as caught:
        read_interactions(text, "some/file.yaml")
    assert caught.value.line == line
