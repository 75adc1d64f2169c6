from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from live import Live

import llmclient

SOURCE = str(Path(llmclient.__file__).parents[1])


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
    """A downstream suite in a folder of its own, run by a pytest of its own."""

    def __init__(self, root):
        self.root = root
        (root / "pytest.ini").write_text(
            "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n", encoding="utf-8"
        )
        (root / "conftest.py").write_text('pytest_plugins = ["llmclient.testing.cassettes.plugin"]\n', encoding="utf-8")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        self.env["PYTHONPATH"] = os.pathsep.join((SOURCE, str(Path(__file__).parent)))

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *options, **env):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:randomly", "-q", *options],
            cwd=self.root,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.output = done.stdout + done.stderr
        return done.returncode

    def files(self):
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.glob("cassettes/**/*.yaml"))


@pytest.fixture
def suite(tmp_path):
    return Suite(tmp_path)
