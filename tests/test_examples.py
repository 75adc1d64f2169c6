"""The examples run as they stand, against a script."""

from __future__ import annotations

import asyncio
import os
import runpy
import subprocess
import sys
import tomllib

from llmclient.testing import Disconnect, script, tool_call
from support.pages import ROOT


def run(name: str) -> None:
    main = runpy.run_path(str(ROOT / "examples" / name))["main"]
    result = main()
    if result is not None:
        asyncio.run(result)


def test_chat(capsys):
    with script() as llm:
        llm.on("openai/*").reply("2, 3 and 5.")
        run("chat.py")
    assert "2, 3 and 5." in capsys.readouterr().out


def test_stream(capsys):
    with script() as llm:
        llm.on("anthropic/*").reply("A fox. A moon.")
        run("stream.py")
    assert "A fox. A moon." in capsys.readouterr().out


def test_a_stream_that_breaks_is_told(capsys):
    with script() as llm:
        llm.on("anthropic/*").reply("A fox. A moon.", fault=Disconnect(after_chunks=2))
        run("stream.py")
    assert "the stream broke after" in capsys.readouterr().out


def test_tools(capsys):
    with script() as llm:
        llm.on("openrouter/*").when(tool_result=False).reply(tool_calls=[tool_call("weather", city="Paris")])
        llm.on("openrouter/*").when(tool_result=True).reply("It is sunny.")
        run("tools.py")
    assert capsys.readouterr().out == "calls weather({'city': 'Paris'})\nIt is sunny.\n"


def test_a_package_from_outside_passes_its_own_tests(tmp_path):
    """Found by its entry points alone, as after an installation; its conformance, its doors and its recordings."""
    root = ROOT / "examples" / "plugin_provider"
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    info = tmp_path / "llmclient_cohere-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n", "utf-8")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines), "utf-8")
    places = (str(tmp_path), str(root / "src"), str(ROOT / "src"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=root,
        env={**kept, "PYTHONPATH": os.pathsep.join(places), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
