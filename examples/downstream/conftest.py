"""All that a suite needs: the plugin, and that async tests run on asyncio (anyio's own plugin is there with httpx)."""

import pytest

pytest_plugins = ["llmclient.testing"]


@pytest.fixture
def anyio_backend():
    return "asyncio"
