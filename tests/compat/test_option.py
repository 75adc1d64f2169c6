"""`--llm-as-litellm`: an untouched suite runs on the layer."""

from __future__ import annotations

import pytest

from support import inner

SUITE = """
    import litellm
    from litellm.types.utils import Choices

    async def test_answers(llm):
        llm.on("openai/*").reply("hello")
        response = await litellm.acompletion(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])
        assert isinstance(response.choices[0], Choices)
        assert litellm.__name__ == "litellm"
"""


@pytest.fixture
def suite(pytester):
    pytester.makepyfile(SUITE)
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    return pytester


def test_the_layer_stands_in_also_for_what_a_conftest_imports(suite):
    suite.makeconftest("import litellm.exceptions\n")
    # In a process of its own: the layer is for the whole of a process, and other tests here want to find no litellm.
    suite.runpytest_subprocess("-p", "llmclient.testing", "--llm-as-litellm").assert_outcomes(passed=1)


def test_without_it_litellm_is_what_is_installed(suite):
    result = inner.run(suite, "-p", "llmclient.testing")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*No module named 'litellm'*"])
