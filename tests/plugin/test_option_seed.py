"""--llm-seed: everything that looks random follows from it."""

from __future__ import annotations

import re

SOURCE = "def test_it(llm):\n    llm.auto()\n    print('ID', router.complete('hi').id)\n"


def ids(result):
    return re.findall(r"ID (\S+)", result.stdout.str())


def test_a_seed_gives_the_same_ids_and_another_gives_others(suite):
    first, second = suite(SOURCE, "-s"), suite(SOURCE, "-s")
    other = suite(SOURCE, "-s", "--llm-seed", "7")
    assert ids(first) == ids(second) != ids(other)


def test_the_seed_is_printed_and_may_stand_in_the_configuration_file(suite):
    suite(SOURCE, ini="llm_seed = 11").stdout.fnmatch_lines(["llmclient: door provider, seed 11*"])
