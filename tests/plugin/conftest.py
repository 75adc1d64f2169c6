"""A downstream suite in a folder of its own, run by pytest as a user would."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import anthropic  # noqa: F401 - loaded here once, because pytester unloads what an inner run imports
import openai  # noqa: F401 - the same
import pytest

import llmclient.costs.calculate
import llmclient.providers.anthropic.provider
import llmclient.providers.openai.provider
import llmclient.routing.router
import llmclient.routing.sync_router
import llmclient.testing.asserts
import llmclient.testing.cassettes.plugin
import llmclient.testing.doors
import llmclient.testing.files.load
import llmclient.testing.llm
import llmclient.testing.plugin
import llmclient.testing.provider.fake
import llmclient.testing.server.app
import llmclient.testing.server.client
import llmclient.testing.snapshots  # noqa: F401 - the same

for name in ("httpcore", "httpcore2"):
    # httpx imports it with its first transport and remembers its errors: two copies would not know each other's.
    if find_spec(name):
        import_module(name)

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
        return pytester.runpytest_inprocess(*given, "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *options)

    return run
