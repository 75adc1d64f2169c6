"""A downstream suite in a folder of its own, run by pytest as a user would."""

from __future__ import annotations

import pytest

from support import inner

INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"
IMPORTS = """
import pytest
from llmclient import ModelRouter
from llmclient.testing import RateLimit, tool_call

router = ModelRouter("openai/gpt-5-mini").sync
"""


@pytest.fixture
def suite(pytester):
    """Run a test module with the plugin on; the result's `stdout` and outcomes tell."""

    def run(source, *options, ini="", plugin=True):
        pytester.makepyfile(IMPORTS + source)
        pytester.makeini(f"{INI}{ini}")
        given = ("-p", "llmclient.testing") if plugin else ()
        return inner.run(pytester, *given, *options)

    return run
