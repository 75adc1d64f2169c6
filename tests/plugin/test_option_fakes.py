"""--llm-fakes: where script files stand."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(("options", "ini"), [(("--llm-fakes", "scripts"), ""), ((), "llm_fakes = scripts")])
def test_files_are_looked_for_in_the_folder_that_is_named(suite, pytester, options, ini):
    (pytester.mkdir("scripts") / "one.yaml").write_text("turns:\n  - reply: from the file\n")
    suite(
        "def test_it(llm):\n    llm.load('one.yaml')\n    assert router.complete('hi').text == 'from the file'\n",
        *options,
        ini=ini,
    ).assert_outcomes(passed=1)
