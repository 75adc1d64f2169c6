"""Safe by default: what nothing answers fails in the test that asked."""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest

HTTP = "httpx2" if find_spec("httpx2") else "httpx"
"""The HTTP library of the installed SDKs; CI runs this file with either."""
CORE = HTTP.replace("httpx", "httpcore")
WITH_AIOHTTP = pytest.mark.skipif(not find_spec("aiohttp"), reason="aiohttp is not installed; CI's older pass has it")

OPENAI = "chat.completions.create(model='gpt-5-mini', messages=[]{more})"
ANTHROPIC = "messages.create(model='gpt-5-mini', max_tokens=1, messages=[]{more})"
RAW = """
import anthropic
import openai

def test_openai():
    openai.OpenAI(api_key='x').{openai}  # here

def test_openai_streamed():
    openai.OpenAI(api_key='x').{openai_streamed}  # here

def test_anthropic():
    anthropic.Anthropic(api_key='x').{anthropic}  # here

def test_anthropic_streamed():
    with anthropic.Anthropic(api_key='x').messages.stream(model='gpt-5-mini', max_tokens=1, messages=[]):  # here
        pass

def test_beside_a_script(llm):
    openai.OpenAI(api_key='x').{openai}  # here

async def test_async_openai():
    await openai.AsyncOpenAI(api_key='x').{openai}  # here

async def test_async_openai_streamed():
    await openai.AsyncOpenAI(api_key='x').{openai_streamed}  # here

async def test_async_anthropic():
    await anthropic.AsyncAnthropic(api_key='x').{anthropic}  # here
""".format(
    openai=OPENAI.format(more=""),
    openai_streamed=OPENAI.format(more=", stream=True"),
    anthropic=ANTHROPIC.format(more=""),
)
WITHOUT_SDK = f"""
import {HTTP}

def test_without_an_sdk():
    {HTTP}.post('https://api.anthropic.com/v1/messages', json={{'model': 'gpt-5-mini'}})  # here
"""
ABOVE_AIOHTTP = f"""
import aiohttp
import anthropic
import openai

async def test_openai():
    async with openai.AsyncOpenAI(api_key='x', http_client=openai.DefaultAioHttpClient()) as client:
        await client.{OPENAI.format(more="")}  # here

async def test_openai_streamed():
    async with openai.AsyncOpenAI(api_key='x', http_client=openai.DefaultAioHttpClient()) as client:
        await client.{OPENAI.format(more=", stream=True")}  # here

async def test_anthropic():
    async with anthropic.AsyncAnthropic(api_key='x', http_client=anthropic.DefaultAioHttpClient()) as client:
        await client.{ANTHROPIC.format(more="")}  # here

async def test_a_session():
    async with aiohttp.ClientSession() as session:
        await session.post('https://api.openai.com/v1/chat/completions', json={{'model': 'gpt-5-mini'}})  # here

async def test_a_session_and_a_text():
    async with aiohttp.ClientSession('https://api.openai.com') as session:
        await session.post('/v1/chat/completions', data='{{"model": "gpt-5-mini"}}')  # here
"""
HIDDEN = """
import asyncio, threading, openai

client = openai.OpenAI(api_key='x')
ASK = {'raw': client.models.list, 'router': lambda: router.complete('hi')}
asked = pytest.mark.parametrize('ask', ASK.values(), ids=ASK)

@asked
def test_by_catching_all(ask):
    try:
        ask()
    except Exception:
        pass

@asked
def test_by_catching_more_than_all(ask):
    try:
        ask()
    except BaseException:
        pass

@asked
async def test_in_a_task(ask):
    async def later():
        ask()
    task = asyncio.create_task(later())
    await asyncio.wait([task])
    task.exception()

@asked
def test_in_a_thread(ask):
    def work():
        try:
            ask()
        except BaseException:
            pass
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

def test_that_asks_nothing():
    pass
"""
IN_TASKS = """
import asyncio

def ask():
    return ModelRouter('openai/gpt-5-mini').complete('hi')

async def test_gathered():
    await asyncio.gather(ask())  # here

async def test_in_a_group():
    async with asyncio.TaskGroup() as group:  # here
        group.create_task(ask())
"""
OF_UNITTEST = """
import unittest

class TestSync(unittest.TestCase):
    def test_sync(self):
        router.complete('hi')  # here

class TestAsync(unittest.IsolatedAsyncioTestCase):
    async def test_async(self):
        await ModelRouter('openai/gpt-5-mini').complete('hi')  # here
"""


def failures(result, *, passed=0):
    """What pytest says of each test that failed."""
    found = {
        report.head_line.rpartition(".")[2]: report.longreprtext
        for report in result.reprec.getreports("pytest_runtest_logreport")
        if report.failed
    }
    result.assert_outcomes(failed=len(found), passed=passed)
    return found


def held(found, *, model="gpt-5-mini"):
    """Each failure names the model and the line marked `here`, and shows nothing beneath the test."""
    for name, text in found.items():
        told = re.search(rf"UnscriptedCallError: this test called '{model}'[^(]* \(at \S+\.py:(\d+)\) ", text)
        assert told, f"{name}: {text}"
        assert text.endswith(f".py:{told[1]}: UnscriptedCallError"), f"{name}: {text}"
        assert re.search(r"^> .*# here$", text, re.MULTILINE), f"{name}: {text}"
        assert text.count("UnscriptedCallError") == 2, f"{name}: {text}"
        assert "site-packages" not in text, f"{name}: {text}"
    return True


def test_a_call_that_nothing_scripts_fails_and_names_the_model_and_the_line(suite):
    result = suite("def test_it():\n    router.complete('hi')\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*this test called 'openai/gpt-5-mini' (at *test_a_call_that*.py:7)*"])


def test_it_fails_in_the_tests_own_frame(suite):
    result = suite("def test_it():\n    router.complete('hi')\n", "--tb=short")
    result.stdout.fnmatch_lines(["*in test_it", "    router.complete('hi')"])
    result.stdout.no_fnmatch_line("*drive_sync.py*")


def test_an_async_call_fails_as_well(suite):
    result = suite("async def test_it():\n    await ModelRouter('anthropic/claude-haiku-4-5').complete('hi')\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*this test called 'anthropic/claude-haiku-4-5'*"])


@pytest.mark.parametrize(
    "source", [RAW, WITHOUT_SDK, pytest.param(ABOVE_AIOHTTP, marks=WITH_AIOHTTP)], ids=["SDKs", "no SDK", "aiohttp"]
)
def test_what_goes_past_the_router_is_caught(suite, source):
    found = failures(suite(source))
    assert len(found) == source.count("# here")
    assert held(found)
    assert all("llm_server" in text for text in found.values())


def test_the_model_of_a_form_is_named_and_the_path_of_a_request_without_a_model(suite):
    result = suite(
        "import openai\n\nclient = openai.OpenAI(api_key='x')\n\n"
        "def test_form():\n    client.audio.transcriptions.create(model='whisper-1', file=('a.wav', b'RIFF'))\n\n"
        "def test_path():\n    client.models.list()\n"
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*this test called 'whisper-1' at api.openai.com *"])
    result.stdout.fnmatch_lines(["*this test called 'GET /v1/models' at api.openai.com *"])


def test_code_that_catches_everything_cannot_hide_it_and_other_tests_are_not_blamed(suite):
    found = failures(suite(HIDDEN), passed=1)
    assert len(found) == 8
    assert all("UnscriptedCallError: this test called" in text for text in found.values())


def test_a_call_in_a_task_of_its_own_names_the_line_that_waited_for_it(suite):
    found = failures(suite(IN_TASKS))
    assert sorted(found) == ["test_gathered", "test_in_a_group"]
    assert held(found, model="openai/gpt-5-mini")


def test_a_test_case_of_unittest_fails_in_its_own_frame(suite):
    found = failures(suite(OF_UNITTEST))
    assert sorted(found) == ["test_async", "test_sync"]
    assert held(found, model="openai/gpt-5-mini")


def test_a_call_in_a_fixture_fails_in_the_fixtures_frame(suite):
    result = suite(
        "@pytest.fixture\ndef answer():\n    return router.complete('hi').text\n\ndef test_it(answer):\n    pass\n",
        "--tb=short",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*in answer", "*this test called 'openai/gpt-5-mini' (at *.py:8)*"])
    result.stdout.no_fnmatch_line("*drive_sync.py*")


def test_other_requests_and_doubles_of_others_are_let_through(suite):
    result = suite(
        f"import openai, {HTTP} as http, {CORE} as core\n\n"
        "def answer(request):\n    return http.Response(200, json={'data': []}, request=request)\n\n"
        "def use(client):\n    assert list(client.models.list()) == []\n    client.close()\n\n"
        "def test_loopback():\n"
        "    with pytest.raises(http.ConnectError):\n        http.get('http://127.0.0.1:9/')\n\n"
        "def test_a_transport_of_ones_own():\n"
        "    use(openai.OpenAI(api_key='x', http_client=http.Client(transport=http.MockTransport(answer))))\n\n"
        "def test_a_patch_of_httpx(monkeypatch):\n"
        "    monkeypatch.setattr(http.HTTPTransport, 'handle_request', lambda self, request: answer(request))\n"
        "    use(openai.OpenAI(api_key='x'))\n\n"
        "def test_a_patch_of_httpcore(monkeypatch):\n"
        "    headers = [(b'content-type', b'application/json')]\n"
        "    told = core.Response(200, headers=headers, content=b'{\"data\": []}')\n"
        "    monkeypatch.setattr(core.ConnectionPool, 'handle_request', lambda self, request: told)\n"
        "    use(openai.OpenAI(api_key='x'))\n"
    )
    result.assert_outcomes(passed=4)


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
