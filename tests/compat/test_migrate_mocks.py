"""`llmclient migrate` on mocks of LiteLLM's calls: a clear one becomes a script that passes, another is reported."""

from __future__ import annotations

import textwrap

import pytest

pytest.importorskip("libcst", reason="migrate needs libcst (the extra migrate)")

from llmclient.compat.migration.rewrite import rewrite

HEAD = """
from contextlib import suppress
from unittest.mock import AsyncMock, patch

import litellm
import pytest
from litellm import Choices, Message, ModelResponse


async def app():
    ask = [{"role": "user", "content": "hi"}]
    return (await litellm.acompletion(model="gpt-4o", messages=ask, num_retries=0)).choices[0].message.content


"""
RESPONSE = 'ModelResponse(choices=[Choices(message=Message(role="assistant", content="hi"), finish_reason="stop")])'
ERROR = 'litellm.RateLimitError(message="no", llm_provider="openai", model="test-model")'
FORMS = {
    "with": """
        async def test_it():
            with patch("litellm.acompletion", AsyncMock(return_value={response})):
                assert await app() == "hi"
    """,
    "with a return value": """
        async def test_it():
            '''It answers.'''
            with patch("litellm.acompletion", new_callable=AsyncMock, return_value={response}):
                assert await app() == "hi"
    """,
    "with the module": """
        async def test_it():
            with patch.object(litellm, "acompletion", new=AsyncMock(return_value={response})):
                assert await app() == "hi"
    """,
    "with others": """
        async def test_it():
            with suppress(ValueError), patch("litellm.acompletion", AsyncMock(return_value={response})):
                assert await app() == "hi"
    """,
    "monkeypatch": """
        async def test_it(monkeypatch):
            monkeypatch.setattr(litellm, "acompletion", AsyncMock(return_value={response}))
            assert await app() == await app() == "hi"
    """,
    "monkeypatch by string": """
        async def test_it(monkeypatch):
            monkeypatch.setattr("litellm.acompletion", AsyncMock(return_value={response}))
            assert await app() == "hi"
    """,
    "decorator": """
        @patch("litellm.acompletion", AsyncMock(return_value={response}))
        async def test_it():
            assert await app() == "hi"
    """,
    "a list": """
        async def test_it(monkeypatch):
            monkeypatch.setattr(litellm, "acompletion", AsyncMock(side_effect=[{error}, {response}]))
            with pytest.raises(litellm.RateLimitError):
                await app()
            assert await app() == "hi"
    """,
    "an error": """
        async def test_it(monkeypatch):
            monkeypatch.setattr(litellm, "acompletion", AsyncMock(side_effect={error}))
            with pytest.raises(litellm.RateLimitError):
                await app()
    """,
}
UNCLEAR = [
    'patch("litellm.acompletion", AsyncMock(return_value=make()))',
    f'patch("litellm.acompletion", AsyncMock(return_value={RESPONSE})) as m',
    'patch("litellm.acompletion", AsyncMock(side_effect=ask))',
    'patch("litellm.acompletion", AsyncMock(side_effect=[RuntimeError("x")]))',
    'patch("litellm.acompletion", AsyncMock(return_value=ModelResponse(usage=Usage(prompt_tokens=1))))',
    f'patch("litellm.acompletion", AsyncMock(return_value={RESPONSE}, wraps=x))',
    'patch("litellm.acompletion", fake)',
    'patch("litellm.acompletion")',
]


def mocked(form: str) -> str:
    return HEAD + textwrap.dedent(FORMS[form]).replace("{response}", RESPONSE).replace("{error}", ERROR).lstrip()


@pytest.mark.parametrize("form", FORMS)
def test_a_clear_one_becomes_a_script(form):
    result = rewrite(mocked(form))
    assert "Mock(" not in result.code
    assert "patch(" not in result.code
    assert "setattr" not in result.code
    assert "llm.on()." in result.code
    assert not [finding for finding in result.findings if finding.kind == "look"]
    assert rewrite(result.code).code == result.code


def test_what_it_writes_passes(pytester):
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    pytester.makeconftest('pytest_plugins = ["llmclient.testing"]')
    pytester.makepyfile(**{f"test_{n}": rewrite(mocked(form)).code for n, form in enumerate(FORMS)})
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=len(FORMS))


def test_it_is_one_line_of_the_report():
    finding = rewrite(mocked("with")).findings[-1]
    assert (finding.line, finding.kind) == (16, "changed")
    assert 'llm.on().reply("hi", times=None)' in finding.text


@pytest.mark.parametrize("mock", UNCLEAR)
def test_an_unclear_one_is_left_and_reported(mock):
    result = rewrite(f"def test_it():\n    with {mock}:\n        pass\n")
    assert "llmclient.compat.litellm.acompletion" in result.code
    assert [finding.line for finding in result.findings if finding.kind == "look"] == [2]


def test_one_for_a_model_that_nobody_serves_is_left():
    code = mocked("with").replace("await app()", 'await litellm.acompletion(model="test-model", messages=[])')
    assert "AsyncMock(return_value=" in rewrite(code).code


def test_one_outside_of_a_test_is_left():
    code = mocked("monkeypatch").replace("async def test_it", "async def helper")
    assert "AsyncMock(return_value=" in rewrite(code).code
