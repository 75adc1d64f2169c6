"""Files are whole or untouched, and what several writers record is merged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SOURCE

from clients import talk
from llmclient.testing.cassettes import CassetteFileError, UnusedRecordingsError, cassette
from llmclient.testing.cassettes.layout import read_interactions, write_interactions
from llmclient.testing.cassettes.store import load_file, locked, replace_file

ENV = os.environ | {"PYTHONPATH": os.pathsep.join((SOURCE, str(Path(__file__).parent)))}


def said(path):
    found, _ = load_file(path)
    return sorted(text.partition('"content": "')[2].partition('"')[0] for text in (i["request"]["body"] for i in found))


def test_a_failed_block_leaves_the_file_as_it_was(live, tmp_path):
    path = tmp_path / "c.yaml"
    with pytest.raises(ZeroDivisionError), cassette(path):
        talk("openai", live.url, "hello")
        _ = 1 / 0
    assert not path.exists()


def test_a_second_recording_of_the_same_leaves_every_byte_as_it_was(live, tmp_path):
    path = tmp_path / "c.yaml"
    with cassette(path):
        talk("openai", live.url, "hello")
        talk("openai", live.url, "once upon", stream=True)
    before = path.read_text("utf-8")
    with cassette(path, mode="rewrite"):
        talk("openai", live.url, "hello")
        talk("openai", live.url, "once upon", stream=True)
    assert len(live.hits) == 4
    assert path.read_text("utf-8") == before


def test_new_episodes_are_added_and_the_rest_stays_as_it_is(live, tmp_path):
    path = tmp_path / "c.yaml"
    with cassette(path):
        talk("openai", live.url, "hello")
    before = path.read_text("utf-8")
    with cassette(path, mode="new_episodes"):
        talk("openai", live.url, "hello")
        talk("openai", live.url, "more")
    assert path.read_text("utf-8").startswith(before)
    assert said(path) == ["hello", "more"]


def test_all_records_again_and_replaces(live, tmp_path):
    path = tmp_path / "c.yaml"
    with cassette(path):
        talk("openai", live.url, "hello")
        talk("openai", live.url, "kept")
    with cassette(path, mode="all"):
        talk("openai", live.url, "hello")
    assert len(live.hits) == 3
    assert said(path) == ["hello", "kept"]


def test_two_cassettes_that_are_open_on_one_file_both_keep_what_they_recorded(live, tmp_path):
    path = tmp_path / "c.yaml"
    with cassette(path, mode="new_episodes"):
        talk("openai", live.url, "outer")
        with cassette(path, mode="new_episodes"):
            talk("openai", live.url, "inner")
            talk("openai", live.url, "both")
        talk("openai", live.url, "both")
    assert said(path) == ["both", "inner", "outer"]


def test_a_corrupt_file_is_an_error_with_its_line_and_is_left_alone(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("version: 1\ninteractions:\n- request: {a: [\n", encoding="utf-8")
    with pytest.raises(CassetteFileError, match=r"c\.yaml:4: no readable YAML"), cassette(path, mode="none"):
        pass
    assert path.read_text("utf-8").endswith("[\n")


def test_a_file_that_is_not_utf_8_is_an_error(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_bytes(b"version: 1\n\xff")
    with pytest.raises(CassetteFileError, match="not UTF-8"), cassette(path, mode="none"):
        pass


def test_strict_complains_about_recordings_that_were_not_played(live, tmp_path):
    path = tmp_path / "c.yaml"
    with cassette(path):
        talk("openai", live.url, "hello")
        talk("openai", live.url, "left over")
    with pytest.raises(UnusedRecordingsError, match=r"recording 2: POST .*left over"):
        with cassette(path, mode="none", strict=True):
            talk("openai", live.url, "hello")


WRITER = """
import sys
from pathlib import Path
from llmclient.testing.cassettes.layout import write_interactions
from llmclient.testing.cassettes.store import locked, replace_file
path = Path(sys.argv[1])
def text(number):
    return write_interactions([{"request": {"method": "POST", "uri": "http://x/", "headers": {}, "body": str(number)},
                                "response": {"status": {"code": 200, "message": ""}, "headers": {},
                                             "body": {"string": "x" * 200_000}}}] * 5)
print("begun", flush=True)
number = 0
while True:
    number += 1
    with locked(path.parent):
        replace_file(path, text(number))
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path):
    path = tmp_path / "c.yaml"
    for wait in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], env=ENV, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout.readline() == "begun\n"
            before = path.stat().st_mtime_ns if path.exists() else 0
            while not path.exists() or path.stat().st_mtime_ns == before:
                os.sched_yield()  # until it has written once; then it is killed in the middle of some later write
            for _ in range(wait * 300):
                os.sched_yield()
            process.send_signal(signal.SIGKILL)
        interactions, _ = read_interactions(path.read_text("utf-8"), str(path))
        assert len(interactions) == 5
    with locked(tmp_path):
        replace_file(path, write_interactions([]))
    assert [file.name for file in tmp_path.iterdir()] == ["c.yaml"]


RECORDER = """
import importlib, importlib.util, sys
from llmclient.testing.cassettes import cassette
httpx = importlib.import_module("httpx2" if importlib.util.find_spec("httpx2") else "httpx")
with cassette(sys.argv[1], mode="new_episodes"), httpx.Client() as client:
    print("open", flush=True)
    sys.stdin.readline()
    for text in (f"{sys.argv[3]}.0", f"{sys.argv[3]}.1", f"{sys.argv[3]}.2", "shared"):
        client.post(f"{sys.argv[2]}/v1/x", json={"messages": [{"role": "user", "content": text}]})
"""


def test_eight_processes_that_record_into_one_file_at_once_lose_nothing(live, tmp_path):
    path = tmp_path / "c.yaml"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RECORDER, str(path), live.url, str(number)],
            env=ENV,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    for process in processes:
        assert process.stdout.readline() == "open\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    assert said(path) == sorted([f"{number}.{part}" for number in range(8) for part in range(3)] + ["shared"])
