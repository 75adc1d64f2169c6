"""Cassettes of vcrpy under the layer: the guide's kind of test before and after, and files that others recorded."""

from __future__ import annotations

import re

import pytest

from support.pages import ROOT
from support.recorded import FOLDER

CASSETTE = """
interactions:
- request:
    body: '{"messages":[{"role":"user","content":"Say hello"}],"model":"gpt-4o-mini","temperature":0.5}'
    headers:
      accept: [application/json]
      content-type: [application/json]
      host: [api.openai.com]
    method: POST
    uri: https://api.openai.com/v1/chat/completions
  response:
    body:
      string: '{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini-2024-07-18",
        "choices":[{"index":0,"message":{"role":"assistant","content":"Hello!","refusal":null,"annotations":[]},
        "logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}'
    headers:
      content-type: [application/json]
    status: {code: 200, message: OK}
version: 1
"""
GUIDE = (ROOT / "docs/leaving-litellm.md").read_text("utf-8")
BLOCKS = re.findall(r"```py\n# (\S+?)(?:, (\w+))?\n(.*?)```", GUIDE, re.DOTALL)
CODE = {f"{name} {when}".strip(): code for name, when, code in BLOCKS}
INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"


@pytest.fixture
def project(pytester, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    pytester.makeini(INI)
    pytester.makepyfile(test_recorded=CODE["test_recorded.py"])
    folder = pytester.mkdir("cassettes") / "test_recorded"
    folder.mkdir()
    (folder / "test_says_hello.yaml").write_text(CASSETTE)
    return pytester


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_recorded_test_passes_with_the_fixtures_and_without(project, when):
    project.makeconftest(CODE[f"conftest.py {when}"])
    loaded = ("-p", "llmclient.testing", "-p", "no:cacheprovider", "--llm-as-litellm")
    project.runpytest_subprocess(*loaded).assert_outcomes(passed=1)


@pytest.mark.skipif(not (FOLDER.parent / "vcr").is_dir(), reason="the recorded cassettes are not beside this checkout")
def test_what_litellm_recorded_is_replayed_to_the_layer(pytester):
    names = ("complete_with_real_api", "doc_example_basic_agent.py", "stream_with_real_api")
    files = [str(FOLDER.parent / "vcr" / f"llm_test_{name}.yaml") for name in names]
    pytester.makeini(INI)
    pytester.makeconftest(CODE["conftest.py after"])
    pytester.makepyfile(
        test_it=f"""
        import json
        import litellm, pytest, yaml

        FILES = {files!r}

        @pytest.mark.parametrize("file", [pytest.param(file, marks=pytest.mark.vcr(file)) for file in FILES])
        async def test_it(file):
            with open(file) as recorded:
                params = json.loads(yaml.safe_load(recorded)["interactions"][0]["request"]["body"])
            params.pop("stream_options", None)
            response = await litellm.acompletion(**params, timeout=30.0)
            if params.get("stream"):
                response = litellm.stream_chunk_builder([chunk async for chunk in response])
            assert response.choices[0].message.content
            assert response.usage.total_tokens > 0
        """
    )
    loaded = ("-p", "llmclient.testing", "-p", "no:cacheprovider", "--llm-as-litellm", "--record-mode=none")
    pytester.runpytest_subprocess(*loaded).assert_outcomes(passed=3)
