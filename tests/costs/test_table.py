"""The packed table: one format for the wheel and the disk, whole or refused; made by one command."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmclient.costs import CostDatabase
from llmclient.costs.__main__ import main
from llmclient.costs.build import SIZE_LIMIT
from llmclient.costs.disk import cache_path, read_table
from llmclient.costs.levels import EMBEDDED, embedded_table
from llmclient.costs.rows import MAGIC, CorruptTableError, make_table, pack, unpack
from llmclient.costs.schema import rows_of
from support.price_source import body, serve

ROWS = {
    "a": {"litellm_provider": "openai", "input_cost_per_token": 1e-6},
    "b": {"litellm_provider": "groq", "input_cost_per_token": 2e-6},
}


def test_a_table_comes_back_as_it_was_packed():
    table = make_table(ROWS, dated="2026-01-02", source="x", etag='"e"', fetched=5.0)
    again = unpack(pack(table), origin="disk")
    assert (again.dated, again.source, again.etag, again.fetched, again.origin) == (
        "2026-01-02",
        "x",
        '"e"',
        5.0,
        "disk",
    )
    assert (dict(again.first), dict(again.rest), len(again)) == ({"a": ROWS["a"]}, {"b": ROWS["b"]}, 2)
    assert again.rows() == ROWS


def test_the_same_rows_make_the_same_bytes():
    backwards = dict(reversed(ROWS.items()))
    assert pack(make_table(ROWS, dated="d")) == pack(make_table(backwards, dated="d"))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_cut_or_changed_bytes_are_refused(data):
    packed = pack(make_table(ROWS, dated="2026-01-02"))
    at = data.draw(st.integers(0, len(packed) - 1))
    cut = packed[:at]
    changed = packed[:at] + bytes([packed[at] ^ data.draw(st.integers(1, 255))]) + packed[at + 1 :]
    with pytest.raises(CorruptTableError):
        unpack(cut, origin="disk")
    try:
        read = unpack(changed, origin="disk")
    except CorruptTableError:
        return
    assert dict(read.first) == {"a": ROWS["a"]}  # the change was in the header's words, not in the rows


@pytest.mark.parametrize("data", [b"", b"<html>", MAGIC, MAGIC + b"x\n", MAGIC + b"2\n{}", MAGIC + b"4\nnull"])
def test_anything_else_is_refused(data):
    with pytest.raises(CorruptTableError):
        unpack(data, origin="disk")


def test_the_embedded_table_is_small_and_whole():
    assert Path(EMBEDDED).stat().st_size <= SIZE_LIMIT
    table = embedded_table()
    assert len(table) > 4000
    assert {row.get("litellm_provider") for row in table.first.values()} >= {"openai", "anthropic"}


def test_a_damaged_copy_on_disk_is_ignored_with_a_warning(cache_directory, caplog):
    cache_directory.mkdir()
    Path(cache_path()).write_bytes(Path(EMBEDDED).read_bytes()[:5000])
    with caplog.at_level(logging.WARNING):
        assert CostDatabase().table.origin == "embedded"
    assert "ignoring the price table" in caplog.text


def test_a_copy_that_may_not_be_read_is_ignored(cache_directory, caplog):
    Path(cache_path()).mkdir(parents=True)
    assert read_table(cache_path()) is None
    assert "ignoring" in caplog.text


def test_a_copy_older_than_the_package_is_not_used(cache_directory):
    cache_directory.mkdir()
    Path(cache_path()).write_bytes(pack(make_table(ROWS, dated="2001-01-01")))
    assert CostDatabase().table.origin == "embedded"
    Path(cache_path()).write_bytes(pack(make_table(ROWS, dated="2999-01-01")))
    assert CostDatabase().table.origin == "disk"


@pytest.mark.skipif(sys.platform != "linux", reason="the rule that is taken without platformdirs is that of Linux")
@pytest.mark.parametrize("root", ["", "/somewhere/cache"])
def test_the_cache_directory_is_the_one_platformdirs_names(monkeypatch, root):
    platformdirs = pytest.importorskip("platformdirs")
    monkeypatch.delenv("LLMCLIENT_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", root)
    assert Path(cache_path()).parent == Path(platformdirs.user_cache_dir("llmclient", appauthor=False))
    monkeypatch.setenv("ANDROID_DATA", "/data")
    assert Path(cache_path()).name == "prices-2.bin"


def test_no_price_is_parsed_and_no_file_read_by_importing():
    code = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import llmclient.costs, llmclient.tokens
assert not [name for name in opened if name.endswith(".bin")], opened
assert not {"json", "zlib", "tiktoken", "urllib.request", "decimal"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-S", "-c", code], check=True, env={"PYTHONPATH": str(Path(EMBEDDED).parents[3])})


def test_a_row_that_names_another_is_that_row_under_another_name():
    rows = rows_of(
        {**ROWS, "a-latest": {"alias_of": "a"}, "lost": {"alias_of": "nobody"}, "loop": {"alias_of": "loop"}}
    )
    assert rows == {**ROWS, "a-latest": ROWS["a"]}


@pytest.mark.parametrize("name", ['quo"te', "tab\there", "line\nbreak", 'x":{', "ü", "\ud83d"])
def test_any_name_is_found_by_itself_and_by_its_beginning(name):
    table = unpack(pack(make_table({**ROWS, name: {"note": f"{name}\t{name}"}}, dated="")), origin="disk")
    assert table.get(name) == {"note": f"{name}\t{name}"}
    assert list(table.starting_with(name[:2])) == [name]
    assert sorted(table) == sorted([*ROWS, name])
    assert (table.get(name + "x"), table.get(name[:-1]), len(table)) == (None, None, 3)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"sample_spec": {}, **ROWS}))
    return path


def test_the_table_is_built_by_command(source, tmp_path, capsys):
    target = tmp_path / "prices.bin"
    assert main(["build", "--from", str(source), "--to", str(target), "--date", "2026-05-05"]) == 0
    assert "2 models, 1 of them in the first part" in capsys.readouterr().out
    assert unpack(target.read_bytes(), origin="embedded").dated == "2026-05-05"


def test_a_build_that_would_damage_the_table_is_refused_unless_forced(source, tmp_path, capsys):
    target = tmp_path / "prices.bin"
    arguments = ["build", "--from", str(source), "--to", str(target)]
    assert main(arguments) == 0
    source.write_text(json.dumps({**ROWS, "a": {**ROWS["a"], "input_cost_per_token": 1.0}}))
    assert main(arguments) == 1
    assert "moves from 1e-06 to 1.0; if that is a correction, --force" in capsys.readouterr().err
    assert main([*arguments, "--force"]) == 0


def test_a_build_from_something_else_says_what_is_wrong(tmp_path, capsys, monkeypatch):
    broken = tmp_path / "broken.json"
    broken.write_text("<html>")
    target = str(tmp_path / "prices.bin")
    assert main(["build", "--from", str(broken), "--to", target]) == 1
    assert "is no JSON" in capsys.readouterr().err
    assert main(["build", "--from", str(tmp_path / "missing.json"), "--to", target]) == 1
    monkeypatch.setattr("llmclient.costs.build.SIZE_LIMIT", 10)
    broken.write_text(json.dumps(ROWS))
    assert main(["build", "--from", str(broken), "--to", target]) == 1
    assert "more than 10" in capsys.readouterr().err


def test_a_build_can_fetch_its_map(tmp_path, capsys):
    with serve(body(json.dumps(ROWS).encode())) as (url, _):
        assert main(["build", "--from", url, "--to", str(tmp_path / "prices.bin")]) == 0
    assert main(["build", "--from", "http://example.com/x", "--to", str(tmp_path / "prices.bin")]) == 1
    assert "https only" in capsys.readouterr().err


def test_threads_that_look_up_first_all_read_one_table(monkeypatch):
    from llmclient.costs import levels

    read = []
    best = levels.best_table
    monkeypatch.setattr(levels, "best_table", lambda: read.append(1) or best())
    database, start = CostDatabase(), threading.Barrier(16)

    def look_up(name: str) -> object:
        start.wait()
        found = database.find(name)
        return found and found.row["litellm_provider"]

    names = ["openai/gpt-4o", "anthropic/claude-haiku-4-5", "groq/openai/gpt-oss-120b", "nobody/x"] * 4
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(look_up, names)) == ["openai", "anthropic", "groq", None] * 4
    assert len(read) == 1
