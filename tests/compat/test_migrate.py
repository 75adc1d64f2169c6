"""`llmclient migrate`: what it writes runs, what it leaves is reported, a second run changes nothing."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("libcst", reason="migrate needs libcst (the extra migrate)")

from llmclient.cli.main import main
from llmclient.compat.migration.rewrite import rewrite

CORPUS = {
    "import": ("import litellm\n", "from llmclient.compat import litellm\n"),
    "alias": ("import litellm as ll\n", "from llmclient.compat import litellm as ll\n"),
    "among others": ("import os, litellm, sys\n", "import os, sys; from llmclient.compat import litellm\n"),
    "submodule": (
        "import litellm.utils\nlitellm.utils.token_counter\n",
        "import llmclient.compat.litellm.utils; from llmclient.compat import litellm\nlitellm.utils.token_counter\n",
    ),
    "submodule alias": ("import litellm.utils as u\n", "import llmclient.compat.litellm.utils as u\n"),
    "from": ("from litellm import Usage, Choices\n", "from llmclient.compat.litellm import Usage, Choices\n"),
    "from submodule": (
        "from litellm.types.utils import (\n    Choices,  # kept\n    Usage as U,\n)\n",
        "from llmclient.compat.litellm.types.utils import (\n    Choices,  # kept\n    Usage as U,\n)\n",
    ),
    "in a function": (
        "def f():\n    from litellm.router import Router\n    return Router\n",
        "def f():\n    from llmclient.compat.litellm.router import Router\n    return Router\n",
    ),
    "for type checkers": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from litellm.router import Router\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from llmclient.compat.litellm.router import Router\n",
    ),
    "star": (
        "from litellm.types.utils import *\n",
        "from llmclient.compat.litellm.types.utils import *\n",
    ),
    "string patch": (
        'from unittest.mock import patch\nwith patch("litellm.acompletion") as m:\n    pass\n',
        'from unittest.mock import patch\nwith patch("llmclient.compat.litellm.acompletion") as m:\n    pass\n',
    ),
    "method of a class": (
        "from unittest import mock\n@mock.patch('litellm.router.Router.acompletion')\ndef f(m): ...\n",
        "from unittest import mock\n@mock.patch('llmclient.compat.litellm.router.Router.acompletion')\ndef f(m): ...\n",
    ),
    "dynamic import": (
        "import importlib\nu = importlib.import_module('litellm.utils')\n",
        "import importlib\nu = importlib.import_module('llmclient.compat.litellm.utils')\n",
    ),
    "known and unknown": (
        "def f():\n    from litellm import Usage, batch_completion\n",
        "def f():\n    from llmclient.compat.litellm import Usage; from litellm import batch_completion\n",
    ),
}


@pytest.mark.parametrize("name", CORPUS)
def test_it_writes(name):
    before, after = CORPUS[name]
    assert rewrite(before).code == after


@pytest.mark.parametrize("name", CORPUS)
def test_a_second_run_changes_nothing(name):
    once = rewrite(CORPUS[name][0])
    assert rewrite(once.code).code == once.code


def test_what_it_writes_runs():
    code = "".join(rewrite(before).code for before, _ in CORPUS.values())
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("code", "line", "says"),
    [
        ("import litellm.proxy.proxy_server\n", 1, "no module 'litellm.proxy.proxy_server'"),
        ("from litellm.caching import Cache\n", 1, "no module 'litellm.caching'"),
        ("\nfrom litellm import batch_completion\n", 2, "ModelRouter.map"),
        ("from litellm import *\n", 1, "star import"),
        ("import litellm\nlitellm.cache = x\n", 2, "middleware"),
        ("import litellm as ll\nll.moderation()\n", 2, "no litellm.moderation"),
        ("import litellm\nlitellm.completion(model='m', mock_response=x)\n", 2, "a script"),
        ("import importlib\nimportlib.import_module(f'litellm.{x}')\n", 2, "put together"),
        ("__import__('litellm')\n", 1, "import statement"),
        ("import sys\nsys.modules['litellm'] = x\n", 2, "install()"),
        ("patch('litellm.acompletion')\n", 1, "a script says more"),
        ("patch('litellm.nothing')\n", 1, "no litellm.nothing"),
    ],
)
def test_it_reports_what_a_person_must_look_at(code, line, says):
    looks = [finding for finding in rewrite(code).findings if finding.kind == "look"]
    assert [finding.line for finding in looks] == [line]
    assert says in looks[0].text


def test_a_mock_response_in_a_test_becomes_a_script():
    before = """
        import litellm

        async def test_it(tmp_path):
            '''It answers.'''
            response = await litellm.acompletion(model="gpt-4o", messages=[], mock_response="hi")
            assert response
    """
    after = """
        from llmclient.compat import litellm

        async def test_it(tmp_path, llm):
            '''It answers.'''
            llm.on().reply("hi")
            response = await litellm.acompletion(model="gpt-4o", messages=[])
            assert response
    """
    assert rewrite(textwrap.dedent(before)).code == textwrap.dedent(after)


class TestNative:
    def test_a_call_that_means_the_same_is_a_routers(self):
        before = (
            "import litellm\nasync def f(x):\n    return await litellm.acompletion(model='openai/a', messages=x, n=1)\n"
        )
        result = rewrite(before, "native")
        assert "from llmclient import ModelRouter\n" in result.code
        assert "await ModelRouter('openai/a').complete(x, n=1)" in result.code

    @pytest.mark.parametrize("argument", ["stream=True", "api_key='k'", "fallbacks=['b']", "*more"])
    def test_a_call_that_is_steered_stays_with_the_layer(self, argument):
        before = f"import litellm\nlitellm.completion(model='a', messages=x, {argument})\n"
        result = rewrite(before, "native")
        assert "litellm.completion(" in result.code
        assert "stays with the layer" in result.findings[-1].text

    def test_a_file_that_catches_litellms_errors_stays_with_the_layer(self):
        call = "litellm.completion(model='a', messages=x)"
        before = f"import litellm\ntry:\n    {call}\nexcept litellm.RateLimitError:\n    pass\n"
        assert "ModelRouter" not in rewrite(before, "native").code


class TestCommand:
    def test_a_dry_run_prints_a_diff_and_changes_nothing(self, tmp_path, capsys):
        path = tmp_path / "a.py"
        path.write_text("import litellm\n")
        assert main(["migrate", str(tmp_path)]) == 0
        shown = capsys.readouterr()
        assert "-import litellm" in shown.out
        assert "+from llmclient.compat import litellm" in shown.out
        assert f"{path}:1: changed: import litellm" in shown.err
        assert path.read_text() == "import litellm\n"

    def test_write_changes_the_files_byte_for_byte_elsewhere(self, tmp_path):
        path = tmp_path / "a.py"
        path.write_bytes("# ü\r\nimport litellm\r\nx = 1\r\n".encode())
        main(["migrate", str(path), "--write"])
        assert path.read_bytes() == "# ü\r\nfrom llmclient.compat import litellm\r\nx = 1\r\n".encode()

    def test_a_file_that_cannot_be_parsed_is_left_and_reported(self, tmp_path, capsys):
        path = tmp_path / "a.py"
        path.write_text("import litellm\ndef (:\n")
        assert main(["migrate", str(path), "--write"]) == 1
        assert "cannot be read" in capsys.readouterr().err
        assert path.read_text() == "import litellm\ndef (:\n"

    def test_environments_and_builds_are_passed_over(self, tmp_path, capsys):
        for folder in (".venv", "build", "src"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.py").write_text("import litellm\n")
        main(["migrate", str(tmp_path)])
        assert capsys.readouterr().err.count("changed: import litellm") == 1
