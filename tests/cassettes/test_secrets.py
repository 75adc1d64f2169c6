"""No secret reaches the disk, a log, an error or a report."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import SOURCE
from test_matching import httpx

from clients import KEY, talk
from llmclient.testing.cassettes import (
    CassetteMissError,
    RecordingKeyMissingError,
    SecretInCassetteError,
    cassette,
)
from llmclient.testing.cassettes.layout import write_interactions
from llmclient.testing.cassettes.scrub import find_secrets, scrub_text
from llmclient.testing.cassettes.scrubbing import scrub_interaction

CANARY = "canary/value+0123456789-abcdef"
ORG = "org-acme0123456789"


def whole(places):
    """An interaction with something in each of the given places."""
    request = {"method": "POST", "uri": "https://h.example/v1", "headers": {}, "body": ""} | places.get("request", {})
    response = {"status": {"code": 200, "message": ""}, "headers": {}, "body": {"string": ""}}
    return {"request": request, "response": response | places.get("response", {})}


def in_request(**fields):
    return whole({"request": fields})


def in_response(**fields):
    return whole({"response": fields})


def body(text):
    return in_response(body={"string": text})


def deltas(text, key="content", size=3):
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    return "".join(f'data: {{"choices":[{{"delta":{{"{key}":{json.dumps(part)}}}}}]}}\n\n' for part in parts)


PLACES = {
    "authorization header": in_request(headers={"Authorization": [f"Bearer {CANARY}"]}),
    "x-api-key header": in_request(headers={"X-Api-Key": [CANARY]}),
    "api-key header": in_request(headers={"api-key": [CANARY]}),
    "basic authorization": in_request(
        headers={"authorization": [f"Basic {base64.b64encode(f'me:{CANARY}'.encode()).decode()}"]}
    ),
    "proxy authorization": in_request(headers={"Proxy-Authorization": [CANARY]}),
    "header nobody knows": in_request(headers={"x-my-gateway-secret": [CANARY]}),
    "cookie": in_request(headers={"Cookie": [f"a=1; session={CANARY}"]}),
    "set-cookie": in_response(headers={"Set-Cookie": [f"__cf_bm={CANARY}; path=/"]}),
    "organisation header": in_response(headers={"openai-organization": [CANARY]}),
    "location header": in_response(headers={"location": [f"https://h.example/?token={quote(CANARY)}"]}),
    "query": in_request(uri=f"https://h.example/v1?key={quote(CANARY, safe='')}"),
    "user info of the URL": in_request(uri=f"https://me:{quote(CANARY, safe='')}@h.example/v1"),
    "request body": in_request(body=json.dumps({"messages": [{"content": f"my key is {CANARY}"}]})),
    "form body": in_request(body=f"key={quote(CANARY, safe='')}&a=1"),
    "response body": body(json.dumps({"choices": [{"message": {"content": CANARY}}]})),
    "echo in an error": body(json.dumps({"error": {"message": f"Incorrect API key provided: {CANARY}."}})),
    "HTML error page": body(f"<html>bad gateway, key {CANARY}</html>"),
    "account id in a body": body(json.dumps({"error": {"message": "no"}, "user_id": CANARY})),
    "account id in an event": body(f"data: {json.dumps({'user_id': CANARY})}\n\n"),
    "one event": body(f'data: {{"choices":[{{"delta":{{"content":"{CANARY}"}}}}]}}\n\n'),
    "several events": body(deltas(CANARY)),
    "tool call arguments, several events": body(deltas(CANARY, "partial_json", 5)),
    "base64": body(json.dumps({"b64": base64.b64encode(f"xy{CANARY}z".encode()).decode()})),
    "text of a cut": in_response(x_llmclient={"error": f"RemoteProtocolError: {CANARY}", "end": "cut"}),
}


def traces(text):
    forms = [CANARY, quote(CANARY, safe=""), quote(CANARY), json.dumps(CANARY)[1:-1]]
    forms += [base64.b64encode(b"x" * pad + CANARY.encode()).decode()[4:-4] for pad in range(3)]
    joined = "".join(json.loads(part) for part in _strings(text))
    return [form for form in forms if form in text or form in joined]


def _strings(text):
    import re

    return re.findall(r'"(?:content|partial_json)":\s*("(?:[^"\\]|\\.)*")', text)


@pytest.mark.parametrize("place", PLACES)
def test_a_key_of_the_environment_is_found_wherever_it_stands(place, monkeypatch):
    monkeypatch.setenv("SOME_VENDOR_API_KEY", CANARY)
    assert traces(write_interactions([PLACES[place]])) or "basic" in place
    text = write_interactions([scrub_interaction(PLACES[place])])
    assert not traces(text)
    assert not find_secrets(text, [CANARY])


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abc***************wxyz",
        "key sk-ant-api03-AbCdEf0123456789 is revoked",
        "Authorization: Bearer abcdef0123456789",
        f"Rate limit reached for gpt-4 in organization {ORG} on tokens",
        "project proj_AbC012345 has no access",
        "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "https://h.example/?api-key=abcdef123",
        "AKIA0123456789ABCDEF",
    ],
)
def test_what_is_shaped_like_a_credential_is_masked_though_nobody_knows_it(text):
    assert "***" in scrub_text(text)
    assert not find_secrets(scrub_text(text))


@pytest.mark.parametrize(
    "text",
    [
        '{"token": "internationalization", "logprob": -0.1}',
        '{"arguments": "{\\"user_id\\": \\"42\\", \\"organization\\": \\"ACME Incorporated\\"}"}',
        "the sk-learn-compatible task-management disk-encryption risk-assessment-framework",
        "data: one\n\ndata: two\n\n",
        '{"max_tokens": 123456789012345}',
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert scrub_text(text) == text


def test_masking_a_stream_keeps_its_chunks_in_step(monkeypatch):
    monkeypatch.setenv("SOME_VENDOR_API_KEY", CANARY)
    parts = [deltas("é"), deltas(f"a {CANARY} b", size=99), deltas("end")]
    chunks = " ".join(f"0.{at}00:{len(part.encode())}" for at, part in enumerate(parts))
    raw = in_response(body={"string": "".join(parts)}, x_llmclient={"chunks": chunks})
    response = scrub_interaction(raw)["response"]
    sizes = [int(part.partition(":")[2]) for part in response["x_llmclient"]["chunks"].split()]
    encoded = response["body"]["string"].encode()
    assert encoded[: sizes[0]].decode() == parts[0]
    assert encoded[sizes[0] : sizes[0] + sizes[1]].decode() == parts[1].replace(CANARY, "***")
    assert sum(sizes) == len(encoded)


@pytest.mark.parametrize("text", ["hello", "wrong key", "too fast", "once upon"])
@pytest.mark.parametrize("client", ["openai", "anthropic"])
def test_neither_file_nor_log_nor_error_shows_the_key_of_a_client(client, text, live, tmp_path, caplog):
    live.headers = {"openai-organization": ORG, "set-cookie": f"a={CANARY}; path=/", "x-request-id": "req_1"}
    path = tmp_path / "c.yaml"
    with caplog.at_level(logging.DEBUG, "vcr"):
        with cassette(path):
            talk(client, live.url, text, stream=text == "once upon", key=KEY)
        with cassette(path, mode="none"), pytest.raises(CassetteMissError) as caught:
            talk(client, live.url, f"{text} with {KEY}", key=KEY)
    everything = path.read_text("utf-8") + caplog.text + str(caught.value) + repr(caught.value)
    for secret in (KEY, ORG, CANARY):
        assert secret not in everything
    assert "req_1" in everything


def test_a_finding_after_scrubbing_stops_the_file_from_being_written(live, tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_VENDOR_API_KEY", "canary0123456789")
    hidden = "".join(f"\\u{ord(char):04x}" for char in "canary0123456789")
    path = tmp_path / "c.yaml"
    path.write_text(write_interactions([]), encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(SecretInCassetteError, match=r"line \d+: value of a key") as caught:
        with cassette(path, mode="new_episodes"), httpx().Client() as client:
            client.post(f"{live.url}/x", content=f"data: {hidden}\n\n".encode())
    assert path.read_bytes() == before
    assert "canary" not in str(caught.value)


def test_replay_needs_no_key_and_takes_its_placeholder_back(live, tmp_path):
    import openai

    with cassette(tmp_path / "c.yaml"):
        talk("openai", live.url, "hello")
    with cassette(tmp_path / "c.yaml", mode="none"), openai.OpenAI(base_url=f"{live.url}/v1", max_retries=0) as client:
        reply = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hello"}])
    assert reply.choices[0].message.content == "echo hello"
    assert "OPENAI_API_KEY" not in os.environ


def test_recording_with_the_placeholder_stops_at_once_and_names_the_variable(live, tmp_path, monkeypatch):
    import openai

    with cassette(tmp_path / "c.yaml"):
        talk("openai", live.url, "hello")
    monkeypatch.setenv("GROQ_BASE_URL", f"{live.url}/v1")
    with cassette(tmp_path / "c.yaml", mode="new_episodes"), openai.OpenAI(base_url=f"{live.url}/v1") as client:
        with pytest.raises(RecordingKeyMissingError, match="set GROQ_API_KEY"):
            client.chat.completions.create(model="m", messages=[{"role": "user", "content": "new"}])
    assert len(live.hits) == 1


KILLED = """
import os, sys, threading
from clients import talk
from llmclient.testing.cassettes import cassette
with cassette(sys.argv[1], mode="new_episodes"):
    talk("openai", sys.argv[2], "wrong key", key=os.environ["SOME_VENDOR_API_KEY"])
    print("recorded", flush=True)
    threading.Event().wait(60)
"""


def test_a_killed_run_leaves_no_trace_of_a_key(live, tmp_path):
    env = os.environ | {
        "SOME_VENDOR_API_KEY": CANARY,
        "PYTHONPATH": os.pathsep.join((SOURCE, str(Path(__file__).parent))),
    }
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "c.yaml"), live.url], env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "recorded\n"
        process.kill()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and CANARY in path.read_text("utf-8")]
