"""Recordings of others, made with stock vcrpy against the live APIs, replay through the router as they are."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import yaml

from clients import KEY
from llmclient import Deployment, ModelRouter, SyncModelRouter
from llmclient.testing.cassettes import cassette
from llmclient.testing.cassettes.layout import write_interactions

SHARED = Path(__file__).parents[2].parent / "shared"
FILES = sorted((SHARED / "vcr").glob("*.yaml")) or [None]
RECORDED = SHARED / "recorded"

pytestmark = pytest.mark.recorded


def given(path):
    if path is None or not path.exists():
        pytest.skip("the recordings of others lie outside the project, and are not here")
    return path


def calls_of(path):
    """Model, messages, parameters and streaming of each recorded request, and the recorded text."""
    for interaction in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
        body = json.loads(interaction["request"]["body"])
        provider = "openrouter" if "openrouter" in interaction["request"]["uri"] else "openai"
        stream = body.pop("stream", False)
        body.pop("stream_options", None)
        yield f"{provider}/{body.pop('model')}", body.pop("messages"), body, stream, interaction["response"]["body"]


def text_of(stored):
    string = stored["string"]
    if not string.startswith("data:"):
        return json.loads(string)["choices"][0]["message"]["content"] or ""
    events = [json.loads(line[6:]) for line in string.splitlines() if line.startswith("data: {")]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"])


@pytest.mark.parametrize("match_on", [("llm",), ("method", "host", "path")], ids=["by meaning", "by address"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem if path else "none")
def test_every_file_replays_through_the_async_router_without_a_key(path, match_on):
    before = given(path).read_bytes()

    async def replay():
        for model, messages, params, stream, stored in calls_of(path):
            async with ModelRouter(model) as router:
                if stream:
                    async with router.stream(messages, **params) as opened:
                        text = "".join([chunk.text async for chunk in opened])
                else:
                    text = (await router.complete(messages, **params)).text
            assert text == text_of(stored)

    with cassette(path, mode="none", match_on=match_on, strict=True):
        asyncio.run(replay())
    assert path.read_bytes() == before


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem if path else "none")
def test_every_file_replays_through_the_sdk_itself(path):
    import openai

    with cassette(given(path), mode="none", strict=True):
        for model, messages, params, stream, stored in calls_of(path):
            provider, _, name = model.partition("/")
            url = {"openai": "https://api.openai.com/v1", "openrouter": "https://openrouter.ai/api/v1"}[provider]
            with openai.OpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
                create = client.chat.completions.create
                if stream:
                    chunks = create(model=name, messages=messages, stream=True, **params)
                    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
                else:
                    text = create(model=name, messages=messages, **params).choices[0].message.content or ""
            assert text == text_of(stored)


def as_cassette(lines):
    interactions = []
    for line in lines:
        body = line.get("sse") or line.get("text") or json.dumps(line["response"])
        request = {"method": line["method"], "uri": f"https://{line['host']}{line['path']}", "headers": {}}
        interactions.append(
            {
                "request": request | {"body": json.dumps(line["request"]) if line["request"] is not None else ""},
                "response": {
                    "status": {"code": line["status"], "message": ""},
                    "headers": {name: [value] for name, value in line["headers"].items()},
                    "body": {"string": body},
                },
            }
        )
    return write_interactions(interactions)


@pytest.mark.parametrize("name", ["openai-chat", "anthropic-messages", "openrouter-chat", "compatible-chat"])
def test_recorded_traffic_of_each_provider_keeps_its_bytes_and_its_answers(name, tmp_path):
    lines = [json.loads(line) for line in given(RECORDED / f"{name}.jsonl").read_text("utf-8").splitlines()]
    path = tmp_path / "c.yaml"
    path.write_text(as_cassette(lines), encoding="utf-8")
    from test_matching import httpx

    with cassette(path, mode="none", strict=True), httpx().Client() as client:
        for line in lines:
            url = f"https://{line['host']}{line['path']}"
            response = client.request(line["method"], url, json=line["request"])
            assert response.status_code == line["status"]
            if "sse" in line:
                assert response.text == line["sse"]
            elif "response" in line:
                assert response.json() == line["response"]


def test_a_recording_of_openrouter_in_a_suite_of_its_own_needs_no_key():
    path = given(SHARED / "vcr" / "llm_test_openrouter_usage_is_mapped_with_vcr.yaml")
    model, messages, params, _, _ = next(calls_of(path))
    with cassette(path, mode="none"), SyncModelRouter(Deployment(model)) as router:
        reply = router.complete(messages, **params)
    assert reply.provider == "openrouter"
    assert reply.usage.total_tokens == 28
