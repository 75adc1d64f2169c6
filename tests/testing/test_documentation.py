"""The examples of docs/testing.md, and the downstream suite in examples/, are run as they stand."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from llmclient.testing.files.load import parse_script
from llmclient.testing.plugin.accounts import CallRow
from llmclient.testing.plugin.options import OPTIONS
from support import inner

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_example_of_the_page_passes(pytester):
    conftest, *examples = blocks("python")
    pytester.makeconftest(conftest)
    pytester.makeini(INI)
    pytester.makepyfile("\n\n".join(examples))
    result = inner.run(pytester)
    result.assert_outcomes(passed=sum(example.count("def test_") for example in examples))


def test_every_file_of_the_page_loads():
    assert all(parse_script(block).turns for block in blocks("yaml"))


def test_the_page_names_every_option_and_every_key_of_the_report():
    assert [option.flag for option in OPTIONS if option.flag not in PAGE] == []
    assert [key for key in CallRow.__annotations__ if f"`{key}`" not in PAGE] == []


def test_the_downstream_suite_passes(pytester):
    for path in (ROOT / "examples" / "downstream").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            target = pytester.path / path.relative_to(ROOT / "examples" / "downstream")
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)
    pytester.syspathinsert()
    result = inner.run(pytester)
    result.assert_outcomes(passed=9)
