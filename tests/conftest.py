"""What every room of the suite may ask for."""

from __future__ import annotations

import pytest

from llmclient import override_providers


@pytest.fixture
def real_providers():
    """The real providers, where the plugin's guard would stand: for tests of what comes before anything is sent."""
    with override_providers(lambda name, config, factory: factory(name, config)):
        yield
