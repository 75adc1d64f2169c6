# ruff: noqa: S310 - every address is that of the test's own server
"""`llmclient serve` plays script files to anybody, from one file or from a folder."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from llmclient.cli import serve

SCRIPT = 'name: greeting\nturns:\n  - times: always\n    reply: "hello"\n'
OTHER = 'name: parting\nturns:\n  - times: always\n    reply: "goodbye"\n'
QUESTION = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hi"}]}


def arguments(*given):
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    return parser.parse_args([str(value) for value in ("--port", 0, *given)])


def ask(server, **headers):
    request = urllib.request.Request(
        f"{server.base_url()}/chat/completions", json.dumps(QUESTION).encode(), {"content-type": "application/json"}
    )
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read())["choices"][0]["message"]["content"]


@pytest.fixture
def folder(tmp_path):
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "greeting.yaml").write_text(SCRIPT)
    (tmp_path / "secret.yaml").write_text(OTHER)
    return scripts


def test_one_file_answers_every_request(folder, capsys):
    with serve.make_server(arguments(folder / "greeting.yaml")) as server:
        assert ask(server) == "hello"
        assert serve.addresses(server).splitlines()[0] == f"OPENAI_BASE_URL={server.url}/v1"
    assert "loaded: greeting.yaml (1 turns)" in capsys.readouterr().err


def test_a_request_chooses_a_script_of_a_folder_by_a_header(folder):
    (folder / "parting.yaml").write_text(OTHER)
    with serve.make_server(arguments(folder)) as server:
        assert ask(server, x_llmclient_script="parting") == "goodbye"
        assert ask(server, x_llmclient_script="greeting.yaml") == "hello"
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(server)
        with caught.value as refusal:
            assert refusal.code == 400
            assert "greeting.yaml, parting.yaml" in refusal.read().decode()


@pytest.mark.parametrize("name", ["../secret.yaml", "../secret", "/etc/passwd", "%2e%2e/secret.yaml"])
def test_nothing_outside_the_folder_is_read(folder, name):
    with serve.make_server(arguments(folder)) as server:
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(server, x_llmclient_script=name)
        with caught.value as refusal:
            assert refusal.code == 404
            assert "goodbye" not in refusal.read().decode()


def change(path, text):
    """Write, and make sure that the file's time says so."""
    path.write_text(text)
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime + 10))


def test_with_reload_a_changed_file_is_played_from_the_next_request_on(folder):
    path = folder / "greeting.yaml"
    with serve.make_server(arguments(path, "--reload")) as server:
        assert ask(server) == "hello"
        change(path, OTHER)
        assert ask(server) == "goodbye"


def test_with_reload_a_file_that_became_unreadable_leaves_the_script_as_it_was(folder, capsys):
    path = folder / "greeting.yaml"
    with serve.make_server(arguments(path, "--reload")) as server:
        change(path, "turns: [{repl: x}]\n")
        assert ask(server) == "hello"
    assert "kept the script as it was" in capsys.readouterr().err


def test_with_reload_a_file_that_is_gone_leaves_the_script_as_it_was(folder, capsys):
    path = folder / "greeting.yaml"
    with serve.make_server(arguments(path, "--reload")) as server:
        assert ask(server) == "hello"
        path.unlink()
        assert [ask(server), ask(server)] == ["hello", "hello"]
        path.write_text(OTHER)
        assert ask(server) == "goodbye"
    assert capsys.readouterr().err.count("kept the script as it was") == 1


def test_with_reload_a_script_that_left_the_folder_is_there_no_more(folder):
    (folder / "parting.yaml").write_text(OTHER)
    with serve.make_server(arguments(folder, "--reload")) as server:
        (folder / "parting.yaml").unlink()
        (folder / "new.yaml").write_text(OTHER)
        assert ask(server, x_llmclient_script="new") == "goodbye"
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(server, x_llmclient_script="parting")
        with caught.value as refusal:
            assert refusal.code == 404


def test_a_link_that_leads_out_of_the_folder_is_no_script(folder):
    (folder / "link.yaml").symlink_to(folder.parent / "secret.yaml")
    with serve.make_server(arguments(folder)) as server:
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(server, x_llmclient_script="link")
        with caught.value as refusal:
            assert refusal.code == 404
        assert ask(server) == "hello"  # the only script


@pytest.mark.parametrize("given", [("--host", "not a host"), ("--host", "192.0.2.1")])
def test_a_host_that_cannot_be_bound_is_told(folder, capsys, given):
    assert serve.run(arguments(folder / "greeting.yaml", *given)) == 1
    assert f"cannot listen on {given[1]}, port 0: " in capsys.readouterr().err


def test_what_is_no_size_is_refused(folder, capsys):
    with pytest.raises(SystemExit):
        arguments(folder, "--max-body", "0")
    assert "argument --max-body: '0' is no size; give whole MiB from 1" in capsys.readouterr().err


def test_a_script_that_cannot_be_read_is_told_with_file_and_line(folder, capsys):
    path = folder / "greeting.yaml"
    path.write_text("turns:\n  - repl: x\n")
    assert serve.make_server(arguments(path)) is None
    assert "greeting.yaml:2" in capsys.readouterr().err


def test_a_script_that_is_not_there_is_told(tmp_path, capsys):
    assert serve.make_server(arguments(tmp_path / "none.yaml")) is None
    assert "no script" in capsys.readouterr().err


@pytest.fixture
def interruptible():
    """A shell that starts us in the background has us, and so what we start, ignore interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_it_runs_as_a_command_and_ends_when_interrupted(folder, interruptible):
    command = [sys.executable, "-m", "llmclient.cli.main", "serve", str(folder / "greeting.yaml"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert line.startswith("OPENAI_BASE_URL=http://127.0.0.1:")
        url = line.partition("=")[2].strip()
        request = urllib.request.Request(f"{url}/chat/completions", json.dumps(QUESTION).encode())
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.status == 200
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(60) == 130
        finally:
            process.kill()


def test_an_address_that_cannot_be_had_is_one_line_and_exit_code_1(folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve.run(arguments(folder, "--port", port)) == 1
    (told,) = [line for line in capsys.readouterr().err.splitlines() if "loaded" not in line]
    assert told.startswith(f"llmclient serve: cannot listen on 127.0.0.1, port {port}: ")
    assert told.endswith("; give another --port or --host")


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_what_is_no_port_is_refused(folder, capsys, port):
    with pytest.raises(SystemExit):
        arguments(folder, f"--port={port}")
    assert f"{port!r} is no port; give 0 to 65535" in capsys.readouterr().err


def test_a_folder_without_scripts_is_one_line_and_exit_code_1(tmp_path, capsys):
    assert serve.run(arguments(tmp_path)) == 1
    assert (
        capsys.readouterr().err == f"llmclient serve: no script in {str(tmp_path)!r}; put .yaml or .json files there\n"
    )
