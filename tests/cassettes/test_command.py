"""`llmclient cassettes`: what it prints, what it changes, how it exits."""

from __future__ import annotations

import json

import pytest
import vcr
import yaml
from test_matching import BASE, recordings

from clients import KEY, talk
from llmclient.cli.main import main
from llmclient.testing.cassettes import cassette
from llmclient.testing.cassettes.drift import compare_shapes, shape_of
from llmclient.testing.files.load import load_script


@pytest.fixture
def recorded(live, tmp_path, monkeypatch):
    """A plain, a streamed, a tool, a cut and an error recording, with a client of stock vcrpy's making beside it."""
    monkeypatch.chdir(tmp_path)
    live.headers = {"set-cookie": "session=canary-cookie-0001", "openai-organization": "acme-canary-01"}
    (tmp_path / "cassettes").mkdir()
    with cassette(tmp_path / "cassettes/ours.yaml"):
        talk("openai", live.url, "hello")
        talk("openai", live.url, "once upon", stream=True)
        talk("anthropic", live.url, "tool")
        talk("openai", live.url, "cut here", stream=True)
        talk("openai", live.url, "too fast")
    with vcr.use_cassette(str(tmp_path / "cassettes/stock.yaml")):
        talk("openai", live.url, "packed")
    return tmp_path / "cassettes"


def run(capsys, *arguments):
    code = main(["cassettes", *arguments])
    return code, capsys.readouterr().out


def test_ls_lists_files_with_what_is_in_them(recorded, capsys):
    code, out = run(capsys, "ls")
    assert code == 0
    assert out.splitlines()[0].split() == ["file", "recordings", "age", "hosts", "models", "tokens", "cost", "unused"]
    assert out.splitlines()[1].split()[:2] == ["cassettes/ours.yaml", "5"]
    code, out = run(capsys, "ls", "--json")
    row = json.loads(out)[0]
    assert (row["recordings"], row["hosts"], row["models"], row["age"], row["tokens"]) == (
        5,
        ["127.0.0.1"],
        ["m"],
        0,
        16,
    )


def test_ls_tells_what_the_last_run_did_not_use(recorded, capsys):
    cache = recorded.parent / ".pytest_cache/v/llmclient/cassettes"
    cache.parent.mkdir(parents=True)
    cache.write_text(json.dumps({str(recorded / "ours.yaml"): {"recordings": 5, "played": [0, 1]}}), encoding="utf-8")
    assert json.loads(run(capsys, "ls", "--json")[1])[0]["unused"] == 3


def test_show_prints_conversations(recorded, capsys):
    code, out = run(capsys, "show", "cassettes/ours.yaml")
    assert code == 0
    for line in ("user: hello", "-> 200 echo hello", "-> 200 echo once upon é😀", '→ look({"at": "é😀"})'):
        assert line in out
    assert "[cut]" in out
    assert "-> 429 [error: slow down, ***]" in out


def test_lint_finds_secrets_age_unreadable_bodies_and_duplicates(recorded, capsys):
    assert run(capsys, "lint", "cassettes/ours.yaml")[0] == 0
    code, out = run(capsys, "lint", "--json")
    assert code == 1
    assert {finding["rule"] for finding in json.loads(out)} == {"secret", "unreadable"}
    recordings(recorded / "twice.yaml", [BASE])
    text = (recorded / "twice.yaml").read_text("utf-8")
    (recorded / "twice.yaml").write_text(text + text.partition("interactions:\n")[2], encoding="utf-8")
    code, out = run(capsys, "lint", "cassettes/twice.yaml")
    assert "duplicate: recording 2 is recording 1 once more" in out
    path = recorded / "ours.yaml"
    path.write_text(path.read_text("utf-8").replace('recorded: "20', 'recorded: "19'), encoding="utf-8")
    assert "age: recorded" in run(capsys, "lint", "cassettes/ours.yaml", "--max-age", "90")[1]


def test_lint_names_the_line_of_a_corrupt_file(recorded, capsys):
    (recorded / "bad.yaml").write_text("version: 1\ninteractions: [\n", encoding="utf-8")
    code, out = run(capsys, "lint", "cassettes/bad.yaml")
    assert code == 1
    assert out.startswith("cassettes/bad.yaml:3: corrupt:")


def test_scrub_takes_secrets_out_and_keeps_the_old_file(recorded, capsys):
    before = (recorded / "stock.yaml").read_text("utf-8")
    assert run(capsys, "scrub", "--dry-run", "cassettes/stock.yaml")[1].startswith("would rewrite")
    assert (recorded / "stock.yaml").read_text("utf-8") == before
    code, _ = run(capsys, "scrub", "cassettes/stock.yaml")
    after = (recorded / "stock.yaml").read_text("utf-8")
    assert code == 0
    assert KEY in before
    assert not [secret for secret in (KEY, "canary-cookie", "acme-canary") if secret in after]
    assert (recorded / "stock.yaml.bak").read_text("utf-8") == before
    assert run(capsys, "lint", "cassettes/stock.yaml")[0] == 0


def test_convert_makes_a_file_readable_and_back_and_it_replays_all_the_while(recorded, capsys, live):
    hits = len(live.hits)
    assert "!!binary" in (recorded / "stock.yaml").read_text("utf-8")
    for options in ([], ["--to", "vcrpy"], []):
        assert run(capsys, "convert", *options, "cassettes/stock.yaml")[0] == 0
        with cassette(recorded / "stock.yaml", mode="none"):
            assert talk("openai", live.url, "packed")["content"] == "echo packed"
    assert '"content": "echo packed"' in (recorded / "stock.yaml").read_text("utf-8")
    assert len(live.hits) == hits


def test_to_script_makes_a_script_that_the_harness_loads(recorded, capsys):
    code, _ = run(capsys, "to-script", "cassettes/ours.yaml", "--output", "script.yaml")
    assert code == 0
    load_script("script.yaml")
    turns = yaml.safe_load((recorded.parent / "script.yaml").read_text("utf-8"))["turns"]
    assert turns[0] == {
        "on": "*/m",
        "when": {"contains": "hello"},
        "reply": {"text": "echo hello", "usage": {"prompt_tokens": 3, "completion_tokens": 5}},
    }
    assert turns[1]["reply"]["stream"]["chunks"] == ["echo ", "once", " ", "upon", " é😀"]
    assert turns[2]["reply"]["tool_calls"] == [{"name": "look", "arguments": {"at": "é😀"}}]
    assert turns[3]["reply"]["fault"] == {"disconnect": {"after_chunks": 2}}
    assert turns[4]["fail"] == {"rate_limit": {"retry_after": 7.0}}


def test_verify_sends_again_and_compares_shapes(recorded, capsys, live, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with cassette(recorded / "plain.yaml"):
        talk("openai", live.url, "hello")
        talk("anthropic", live.url, "hello", stream=True)
    assert run(capsys, "verify", "cassettes/plain.yaml") == (0, "1 file, 0 changes\n")
    path = recorded / "plain.yaml"
    path.write_text(path.read_text("utf-8").replace('"created": 1', '"created": "1", "gone": 1'), encoding="utf-8")
    code, out = run(capsys, "verify", "cassettes/plain.yaml", "--json")
    assert code == 1
    changes = [(entry["recording"], entry["change"]) for entry in json.loads(out)]
    assert changes == [(1, "- gone: number"), (1, "~ created: string -> number")]


def test_verify_needs_a_key(recorded, capsys):
    assert main(["cassettes", "verify", "cassettes/ours.yaml"]) == 1
    assert "set OPENAI_API_KEY" in capsys.readouterr().err


def test_shapes_forget_texts_and_take_the_events_of_a_type_together():
    one = b'event: a\ndata: {"type":"a","x":1}\n\ndata: {"type":"b","y":[{"z":null}]}\n\ndata: [DONE]\n\n'
    other = (
        b'data: {"type":"b","y":[]}\n\ndata: {"type":"b","y":[{"z":"t"},{"z":"u"}]}\n\ndata: {"type":"a","x":2.5}\n\n'
    )
    assert compare_shapes(shape_of(one), shape_of(other + b"data: [DONE]\n\n")) == []
    assert compare_shapes(shape_of(one), shape_of(other)) == ["- : end mark"]


def test_a_path_that_does_not_exist_and_a_folder_without_cassettes_are_errors(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["cassettes", "ls", "nowhere"]) == 1
    assert "nowhere does not exist" in capsys.readouterr().err
    assert main(["cassettes", "ls", "."]) == 1
    with pytest.raises(SystemExit) as caught:
        main(["cassettes", "dance"])
    assert caught.value.code == 2
