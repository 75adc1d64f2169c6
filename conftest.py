"""The suite uses the plugin as any downstream suite would: asked for by name, here."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A failing example is printed with the means to play it again; CI draws the same examples every time.
settings.register_profile("project", deadline=None, print_blob=True, derandomize="CI" in os.environ)
settings.load_profile("project")

pytest_plugins = ["llmclient.testing", "pytester", "support.selection"]


@pytest.fixture
def libraries_stay() -> Iterator[None]:
    """What an inner run has loaded stays loaded when pytester, which is set up after this, has gone."""
    from support import inner

    yield
    inner.put_back()


@pytest.fixture
def pytester(libraries_stay: None, pytester: pytest.Pytester) -> pytest.Pytester:  # noqa: ARG001 - comes first
    """Pytester as it is, but for the libraries."""
    return pytester


@pytest.fixture
def real_providers() -> Iterator[None]:
    """The real providers, where the plugin's guard would stand: for tests of what comes before anything is sent."""
    from llmclient import override_providers

    with override_providers(lambda name, config, factory: factory(name, config)):
        yield
