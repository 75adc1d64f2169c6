from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from live import Live

import llmclient
from support import inner

SOURCE = str(Path(llmclient.__file__).parents[1])
"""The package, for processes that start elsewhere."""


@pytest.fixture(autouse=True)
def _no_real_keys(monkeypatch):
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL", "_TOKEN")):
            monkeypatch.delenv(name)


@pytest.fixture
def live():
    server = Live()
    yield server
    server.stop()


class Suite:
    """A downstream suite in a folder of its own, run by pytest."""

    def __init__(self, pytester):
        self._pytester = pytester
        self.root = pytester.path
        self.env = {}
        self.output = ""
        self.write("pytest.ini", "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
        self.write("conftest.py", 'pytest_plugins = ["llmclient.testing.cassettes.plugin"]\n')

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *options, **env):
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
                patch.delenv(name)
            for name, value in (self.env | env).items():
                patch.setenv(name, value)
            result = inner.run(self._pytester, "-q", *options)
        self.output = f"{result.stdout}\n{result.stderr}"
        return result.ret

    def files(self):
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.glob("cassettes/**/*.yaml"))


@pytest.fixture
def suite(pytester):
    return Suite(pytester)
