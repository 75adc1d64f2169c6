"""Instructor through the server: structured output by tools and by JSON."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

instructor = pytest.importorskip("instructor", reason="instructor is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


class User(BaseModel):
    name: str
    age: int


def ask(text):
    return [{"role": "user", "content": text}]


def test_openai_by_a_tool(server):
    import openai

    client = instructor.from_openai(openai.OpenAI(max_retries=0))
    found = client.chat.completions.create(
        model="gpt-5-mini", response_model=User, messages=ask("who is it"), max_retries=0
    )
    assert found.model_dump() == {"name": "Ada", "age": 36}


def test_openai_by_json(server):
    import openai

    client = instructor.from_openai(openai.OpenAI(max_retries=0), mode=instructor.Mode.JSON)
    found = client.chat.completions.create(
        model="gpt-5-mini", response_model=User, messages=ask("json please"), max_retries=0
    )
    assert found.model_dump() == {"name": "Ada", "age": 36}


def test_anthropic_by_a_tool(server):
    import anthropic

    client = instructor.from_anthropic(anthropic.Anthropic(max_retries=0))
    found = client.messages.create(
        model="claude-haiku-4-5", max_tokens=100, response_model=User, messages=ask("who is it"), max_retries=0
    )
    assert found.model_dump() == {"name": "Ada", "age": 36}


def test_openai_by_a_strict_schema(server):
    import openai

    client = instructor.from_openai(openai.OpenAI(max_retries=0), mode=instructor.Mode.JSON_SCHEMA)
    found = client.chat.completions.create(
        model="gpt-5-mini", response_model=User, messages=ask("json please"), max_retries=0
    )
    assert found.model_dump() == {"name": "Ada", "age": 36}


def test_it_fills_a_partial_object_from_a_stream(server):
    import openai

    client = instructor.from_openai(openai.OpenAI(max_retries=0))
    seen = list(
        client.chat.completions.create_partial(
            model="gpt-5-mini", response_model=User, messages=ask("who is it"), max_retries=0
        )
    )
    assert seen[-1].model_dump() == {"name": "Ada", "age": 36}
    assert len(seen) > 1


def test_it_asks_again_with_what_was_wrong(server):
    import openai

    client = instructor.from_openai(openai.OpenAI(max_retries=0), mode=instructor.Mode.JSON)
    with pytest.raises(Exception, match=r"(?i)validation"):
        client.chat.completions.create(model="gpt-5-mini", response_model=User, messages=ask("hello"), max_retries=2)
    assert len(server.calls) > 1
    assert "Hello there, world" in str(server.calls[-1].messages)
