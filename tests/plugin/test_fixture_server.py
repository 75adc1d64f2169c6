"""llm_server: the script on a socket, for anybody."""

from __future__ import annotations


def test_the_raw_sdk_finds_it_by_its_variable(suite):
    suite(
        "import openai\n\ndef test_it(llm, llm_server):\n    llm.on('openai/*').reply('served')\n"
        "    with openai.OpenAI() as sdk:\n        made = sdk.chat.completions.create(model='gpt-5-mini', messages=[{'role': 'user', 'content': 'hi'}])\n"
        "    assert made.choices[0].message.content == 'served'\n    assert llm.calls[0].door == 'server'\n"
    ).assert_outcomes(passed=1)


def test_a_subprocess_finds_it_as_well(suite):
    suite(
        "import os, subprocess, sys\n\nCODE = '''\nimport json, os, urllib.request\n"
        "body = json.dumps({'model': 'gpt-5-mini', 'messages': [{'role': 'user', 'content': 'hi'}]}).encode()\n"
        "asked = urllib.request.Request(os.environ['OPENAI_BASE_URL'] + '/chat/completions', body, {'content-type': 'application/json'})\n"
        "print(json.load(urllib.request.urlopen(asked))['choices'][0]['message']['content'])\n'''\n\n"
        "def test_it(llm, llm_server):\n    llm.on('openai/*').reply('served')\n"
        "    assert subprocess.check_output([sys.executable, '-c', CODE], text=True).strip() == 'served'\n"
    ).assert_outcomes(passed=1)


def test_the_variables_are_gone_afterwards(suite, monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    suite(
        "import os\n\ndef test_one(llm_server):\n    assert os.environ['OPENAI_BASE_URL'] == llm_server.url + '/v1'\n\n"
        "def test_two():\n    assert 'OPENAI_BASE_URL' not in os.environ\n"
    ).assert_outcomes(passed=2)


def test_variables_that_were_there_are_there_again(suite, monkeypatch):
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "OPENROUTER_BASE_URL"):
        monkeypatch.setenv(name, "http://mine.example")
    suite(
        "import os\n\nNAMES = ['OPENAI_BASE_URL', 'ANTHROPIC_BASE_URL', 'OPENROUTER_BASE_URL']\n\n"
        "def test_one(llm_server):\n    assert all(os.environ[name].startswith(llm_server.url) for name in NAMES)\n\n"
        "def test_two():\n    assert {os.environ[name] for name in NAMES} == {'http://mine.example'}\n"
    ).assert_outcomes(passed=2)
