"""The pytest side: pytest-recording's marker and options, and what stands around the test's call."""

from __future__ import annotations

import textwrap

import pytest

from clients import KEY
from llmclient.testing.cassettes.layout import write_interactions
from support import inner

PREAMBLE = """
import importlib, importlib.util, os, pytest
httpx = importlib.import_module("httpx2" if importlib.util.find_spec("httpx2") else "httpx")
URL = os.environ["LIVE"] + "/v1/chat/completions"
HEADERS = {"authorization": "Bearer " + os.environ.get("OPENAI_API_KEY", "")}

def ask(text, stream=False):
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "stream": stream}
    with httpx.Client(headers=HEADERS, verify=False) as client:  # loading certificates would take longer than the rest
        return client.post(URL, json=body).json()["choices"][0]["message"]["content"]
"""
KEYS = {"OPENAI_API_KEY": KEY}


@pytest.fixture
def project(suite, live):
    def make(code, *, name="tests/test_it.py"):
        suite.env["LIVE"] = live.url
        suite.write(name, PREAMBLE + textwrap.dedent(code))
        return suite

    return make


ONE = """
@pytest.mark.vcr
def test_one():
    assert ask("hello") == "echo hello"
"""


def test_a_test_is_recorded_at_the_projects_root_and_replayed_without_a_connection(project, live):
    suite = project("""
    class TestIt:
        @pytest.mark.vcr
        @pytest.mark.parametrize("word", ["a", "b"])
        def test_one(self, word):
            assert ask(word) == f"echo {word}"
    """)
    assert suite.run("--record-mode=once", **KEYS) == 0, suite.output
    assert suite.files() == ["cassettes/test_it/TestIt.test_one[a].yaml", "cassettes/test_it/TestIt.test_one[b].yaml"]
    assert len(live.hits) == 2
    assert suite.run("--block-network") == 0, suite.output
    assert len(live.hits) == 2


def test_recordings_that_stand_beside_the_tests_stay_there(project, live):
    suite = project(ONE)
    (suite.root / "tests/cassettes/test_it").mkdir(parents=True)
    assert suite.run("--record-mode=once", **KEYS) == 0, suite.output
    assert [path.name for path in suite.root.glob("tests/cassettes/test_it/*")] == ["test_one.yaml"]


def test_a_suite_may_say_where_cassettes_stand_and_what_matters(project, live):
    suite = project("""
    @pytest.fixture(scope="module")
    def vcr_cassette_dir(): return "elsewhere"

    @pytest.fixture
    def vcr_config(): return {"match_on": ["method", "path"]}

    @pytest.mark.vcr
    def test_one():
        assert ask(os.environ.get("WORD", "first")) == "echo first"
    """)
    assert suite.run("--record-mode=once", **KEYS) == 0, suite.output
    assert (suite.root / "elsewhere/test_one.yaml").exists()
    assert suite.run(WORD="another") == 0, suite.output


def test_a_miss_is_shown_in_the_tests_own_frame_with_the_command_that_records(project, live):
    suite = project("""
    @pytest.mark.vcr
    def test_one():
        ask("hello")
    """)
    assert suite.run() == 1
    assert "no recording for this request: POST" in suite.output
    assert "pytest 'tests/test_it.py::test_one' --record-mode=new_episodes" in suite.output
    assert "httpx_transport.py" not in suite.output
    assert "_client.py" not in suite.output
    assert not live.hits


def test_a_miss_that_the_application_catches_fails_the_test_all_the_same(project, live):
    suite = project("""
    import threading

    @pytest.mark.vcr
    def test_caught():
        try:
            ask("hello")
        except BaseException:
            pass

    @pytest.mark.vcr
    def test_wrong_afterwards():
        try:
            ask("hello")
        except BaseException:
            pass
        assert "some" == "other"
    """)
    assert suite.run() == 1
    assert "2 failed" in suite.output
    reports, _, _ = suite.output.partition("short test summary info")  # CI has the whole messages there once more
    assert reports.count("no recording for this request") == 2


def test_a_failing_test_leaves_no_cassette_and_a_rewrite_that_fails_leaves_the_old_one(project, live):
    suite = project("""
    @pytest.mark.vcr
    def test_one():
        assert ask("hello") == os.environ["EXPECT"]
    """)
    assert suite.run("--record-mode=once", EXPECT="wrong", **KEYS) == 1
    assert suite.files() == []
    assert suite.run("--record-mode=once", EXPECT="echo hello", **KEYS) == 0
    before = (suite.root / "cassettes/test_it/test_one.yaml").read_bytes()
    assert suite.run("--record-mode=rewrite", EXPECT="wrong", **KEYS) == 1
    assert (suite.root / "cassettes/test_it/test_one.yaml").read_bytes() == before
    assert suite.run("--record-mode=rewrite", EXPECT="echo hello", **KEYS) == 0
    assert (suite.root / "cassettes/test_it/test_one.yaml").read_bytes() == before


def test_a_secret_that_cannot_be_scrubbed_fails_the_test_and_nothing_is_written(project, live):
    suite = project("""
    @pytest.mark.vcr
    def test_one():
        hidden = "".join(f"\\\\u{ord(char):04x}" for char in os.environ["OPENAI_API_KEY"])
        with httpx.Client() as client:
            client.post(URL, content=f"data: {hidden}")
    """)
    assert suite.run("--record-mode=once", **KEYS) == 1
    assert "1 failed" in suite.output
    assert "SecretInCassetteError" in suite.output
    assert KEY not in suite.output
    assert suite.files() == []


def test_replay_sets_placeholder_keys_and_recording_does_not(project, live):
    suite = project("""
    @pytest.mark.vcr
    def test_one():
        assert os.environ["OPENAI_API_KEY"]
        ask("hello")
    """)
    assert suite.run("--record-mode=once") == 1
    assert "KeyError: 'OPENAI_API_KEY'" in suite.output
    assert suite.run("--record-mode=once", **KEYS) == 0, suite.output
    assert suite.run() == 0, suite.output


def test_strict_fails_a_test_that_does_not_use_its_whole_cassette(project, live):
    suite = project("""
    @pytest.mark.vcr
    def test_one():
        ask("hello")
        if "MORE" in os.environ:
            ask("left over")
    """)
    suite.write(
        "conftest.py",
        'pytest_plugins = ["llmclient.testing.cassettes.plugin"]\n'
        'def pytest_addoption(parser): parser.addoption("--llm-strict", action="store_true")\n',
    )
    assert suite.run("--record-mode=once", MORE="1", **KEYS) == 0, suite.output
    assert suite.run() == 0, suite.output
    assert suite.run("--llm-strict") == 1
    assert "recording 2: POST" in suite.output
    assert "left over" in suite.output


def test_orphans_and_shared_recordings_nobody_used_are_listed_after_a_whole_run(project, live):
    suite = project("""
    @pytest.mark.vcr
    @pytest.mark.default_cassette("shared.yaml")
    @pytest.mark.parametrize("word", ["a", "b"])
    def test_shared(word):
        if word == "a" or "BOTH" in os.environ:
            ask(word)
    """)
    assert suite.run("--record-mode=new_episodes", BOTH="1", **KEYS) == 0, suite.output
    suite.write("cassettes/test_it/test_gone.yaml", write_interactions([]))
    assert suite.run() == 0, suite.output
    assert "cassettes/test_it/test_gone.yaml: orphaned, no test opened it" in suite.output
    assert "cassettes/test_it/shared.yaml: not used by any test: recording 2 of 2" in suite.output
    assert suite.run("tests/test_it.py::test_shared") == 0, suite.output
    assert "orphaned" not in suite.output


def test_a_shared_cassette_is_recorded_once_a_run_by_several_tests(project, live):
    suite = project("""
    @pytest.mark.vcr
    @pytest.mark.default_cassette("shared.yaml")
    @pytest.mark.parametrize("word", ["a", "b", "c"])
    def test_shared(word):
        ask(word)
    """)
    assert suite.run("--record-mode=once", **KEYS) == 0, suite.output
    assert suite.run("--record-mode=rewrite", **KEYS) == 0, suite.output
    assert suite.run() == 0, suite.output
    assert len(live.hits) == 6


@pytest.mark.parametrize(("mode", "workers"), [("new_episodes", 8), ("once", 2), ("rewrite", 2)])
def test_xdist_workers_record_into_one_cassette(project, live, mode, workers):
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    suite = project("""
    @pytest.mark.vcr
    @pytest.mark.default_cassette("shared.yaml")
    @pytest.mark.parametrize("number", range(16))
    def test_shared(number):
        assert ask(f"question {number}") == f"echo question {number}"
    """)
    if mode == "rewrite":
        suite.write("cassettes/test_it/shared.yaml", write_interactions([]))
    suite.write("pytest.ini", "[pytest]\n")
    assert suite.run(f"-n{workers}", f"--record-mode={mode}", *inner.ALONE, **KEYS) == 0, suite.output
    assert suite.run(*inner.ALONE) == 0, suite.output
    assert len(live.hits) == 16


def test_extra_cassettes_are_read_and_never_written(project, live):
    suite = project("""
    @pytest.mark.vcr
    def test_first():
        ask("hello")

    @pytest.mark.vcr("test_first.yaml")
    def test_second():
        ask("hello")
        ask("more")
    """)
    assert suite.run("--record-mode=once", "-k", "first", **KEYS) == 0, suite.output
    assert suite.run("--record-mode=new_episodes", "-k", "second", **KEYS) == 0, suite.output
    text = (suite.root / "cassettes/test_it/test_second.yaml").read_text("utf-8")
    assert text.count("- request:") == 1
    assert suite.run() == 0, suite.output
    assert len(live.hits) == 2


def test_async_tests_find_their_cassette_whatever_the_scope_of_their_loop(project, live):
    suite = project("""
    async def post(text):
        body = {"model": "m", "messages": [{"role": "user", "content": text}]}
        async with httpx.AsyncClient(headers=HEADERS) as client:
            return (await client.post(URL, json=body)).json()["choices"][0]["message"]["content"]

    @pytest.mark.vcr
    @pytest.mark.asyncio(loop_scope="session")
    @pytest.mark.parametrize("word", ["a", "b"])
    async def test_session(word):
        assert await post(word) == f"echo {word}"

    @pytest.mark.vcr
    async def test_own():
        assert await post("own") == "echo own"
    """)
    assert suite.run("--record-mode=once", **KEYS) == 0, suite.output
    assert suite.run("--block-network") == 0, suite.output
    assert len(live.hits) == 3


def test_old_recordings_warn_or_fail(project, live):
    suite = project(ONE)
    assert suite.run("--record-mode=once", **KEYS) == 0, suite.output
    path = suite.root / "cassettes/test_it/test_one.yaml"
    path.write_text(path.read_text("utf-8").replace('recorded: "20', 'recorded: "19'), encoding="utf-8")
    assert suite.run("-o", "llm_cassette_max_age=90", "-W", "default") == 0, suite.output
    assert "days ago, the limit is 90" in suite.output
    assert suite.run("-o", "llm_cassette_max_age=90", "-o", "llm_cassette_max_age_action=fail") == 1
    assert "StaleCassetteError" in suite.output


def test_ignored_paths_come_from_the_configuration(project, live):
    suite = project("""
    @pytest.mark.vcr
    def test_one():
        with httpx.Client(headers=HEADERS) as client:
            client.post(URL, json={"model": "m", "trace": os.environ.get("TRACE", "1")})
    """)
    assert suite.run("--record-mode=once", **KEYS) == 0, suite.output
    assert suite.run(TRACE="2") == 1
    assert suite.run("-o", "llm_cassette_ignore=trace", TRACE="2") == 0, suite.output


def test_disable_recording_goes_live(project, live):
    suite = project(ONE)
    assert suite.run("--disable-recording", **KEYS) == 0, suite.output
    assert suite.files() == []
    assert len(live.hits) == 1
