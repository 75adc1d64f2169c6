"""Safe by default: what nothing answers fails in the test that asked."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def test_a_call_that_nothing_scripts_fails_and_names_the_model_and_the_line(suite):
    result = suite("def test_it():\n    router.complete('hi')\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*this test called 'openai/gpt-5-mini' (at *test_a_call_that*.py:*"])


def test_it_fails_in_the_tests_own_frame(suite):
    result = suite("def test_it():\n    router.complete('hi')\n", "--tb=short")
    result.stdout.fnmatch_lines(["*in test_it", "    router.complete('hi')"])
    result.stdout.no_fnmatch_line("*drive_sync.py*")


def test_code_that_catches_everything_cannot_hide_it(suite):
    result = suite("def test_it():\n    try:\n        router.complete('hi')\n    except Exception:\n        pass\n")
    result.assert_outcomes(failed=1)


def test_an_async_call_fails_as_well(suite):
    result = suite("async def test_it():\n    await ModelRouter('anthropic/claude-haiku-4-5').complete('hi')\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*this test called 'anthropic/claude-haiku-4-5'*"])


@pytest.mark.parametrize(
    ("sdk", "call"),
    [
        ("openai", "OpenAI(api_key='x').chat.completions.create(model='gpt-5-mini', messages=[])"),
        ("anthropic", "Anthropic(api_key='x').messages.create(model='gpt-5-mini', max_tokens=1, messages=[])"),
    ],
)
def test_a_raw_sdk_is_caught(suite, sdk, call):
    result = suite(f"import {sdk}\n\ndef test_it():\n    {sdk}.{call}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*this test called 'api.{sdk}.com: gpt-5-mini' (at *"])


def test_a_raw_async_sdk_is_caught(suite):
    result = suite(
        "import openai\n\nasync def test_it():\n"
        "    client = openai.AsyncOpenAI(api_key='x')\n"
        "    await client.chat.completions.create(model='gpt-5-mini', messages=[])\n"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*this test called 'api.openai.com: gpt-5-mini'*"])


def test_aiohttp_is_watched(suite):
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    result = suite(
        "import aiohttp\n\nasync def test_it():\n"
        "    async with aiohttp.ClientSession() as session:\n"
        "        await session.post('https://api.openai.com/v1/chat/completions', json={'model': 'gpt-5-mini'})\n"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*this test called 'api.openai.com: gpt-5-mini'*"])


def test_a_raw_sdk_is_caught_beside_a_script_too(suite):
    result = suite(
        "import openai\n\ndef test_it(llm):\n"
        "    openai.OpenAI(api_key='x').chat.completions.create(model='gpt-5-mini', messages=[])\n"
    )
    result.assert_outcomes(failed=1)


def test_other_requests_are_let_through(suite):
    http = "httpx2" if find_spec("httpx2") else "httpx"
    suite(
        f"import {http}\n\ndef test_it():\n    with pytest.raises(Exception, match='refused'):\n"
        f"        {http}.get('http://127.0.0.1:9/')\n"
    ).assert_outcomes(passed=1)


def test_a_router_with_a_client_of_its_own_is_let_through(suite):
    result = suite(
        "from llmclient import ProviderConfig\nfrom llmclient.testing import Harness, Reply, Turn\n"
        "from llmclient.testing.player import WirePlayer\nfrom llmclient.testing.transport import client_factory\n\n"
        "def test_it():\n"
        "    harness = Harness()\n    harness.script.add(Turn(action=Reply(text='mine')))\n"
        "    config = ProviderConfig(api_key='x', http_client=client_factory(WirePlayer(harness), 'openai'))\n"
        "    own = ModelRouter('openai/gpt-5-mini', providers={'openai': config}).sync\n"
        "    assert own.complete('hi').text == 'mine'\n"
    )
    result.assert_outcomes(passed=1)


def test_nothing_is_left_behind(suite):
    import sys

    before = list(sys.meta_path)
    suite("def test_it(): pass\n")
    assert sys.meta_path == before
