"""instructor works over a router: `from_litellm` patches `complete`, or a function of yours that streams as well.

Optional: instructor holds openai back (it caps jiter), so it gets an environment of its own; elsewhere this is skipped.
"""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, field_validator

from llmclient import ModelRouter, ProviderConfig, SyncModelRouter
from support.canned import Canned, answer, sse

instructor = pytest.importorskip("instructor", reason="instructor has an environment of its own")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class User(BaseModel):
    name: str
    age: int

    @field_validator("name")
    @classmethod
    def upper(cls, value: str) -> str:
        if value != value.upper():
            raise ValueError("the name must be in capitals")
        return value


def called(**arguments):
    call = {"id": "call_1", "type": "function", "function": {"name": "User", "arguments": json.dumps(arguments)}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return answer(
        {
            "id": "c",
            "model": "gpt-4o",
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
    )


def wrote(**fields):
    choices = [{"index": 0, "message": {"role": "assistant", "content": json.dumps(fields)}, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return answer({"id": "c", "model": "gpt-4o", "choices": choices, "usage": usage})


def router(cls, canned: Canned):
    config = ProviderConfig(api_key="sk-test-canary-0001", base_url="http://127.0.0.1:9/v1", http_client=canned)
    return cls("openai/gpt-4o", providers={"openai": config})


ASK = {"messages": [{"role": "user", "content": "Who?"}], "response_model": User, "max_retries": 2}


@pytest.mark.parametrize(
    ("mode", "reply"), [(instructor.Mode.TOOLS, called), (instructor.Mode.JSON, wrote)], ids=["tools", "json"]
)
def test_a_sync_router_is_patched(mode, reply) -> None:
    canned = Canned(reply(name="ann", age=40), reply(name="ANN", age=40))
    client = instructor.from_litellm(router(SyncModelRouter, canned).complete, mode=mode)
    user = client.chat.completions.create(model="openai/gpt-4o", **ASK)
    assert user.model_dump() == {"name": "ANN", "age": 40}
    assert len(canned.requests) == 2
    assert "capitals" in json.dumps(canned.bodies[1]["messages"])


async def test_an_async_router_is_patched() -> None:
    canned = Canned(called(name="ANN", age=40))
    client = instructor.from_litellm(router(ModelRouter, canned).complete)
    user = await client.chat.completions.create(model="openai/gpt-4o", **ASK)
    assert user.model_dump() == {"name": "ANN", "age": 40}


def test_a_client_of_ones_own_over_the_router() -> None:
    canned = Canned(called(name="ANN", age=40))
    create = instructor.patch(create=router(SyncModelRouter, canned).complete, mode=instructor.Mode.TOOLS)
    client = instructor.Instructor(client=None, create=create, mode=instructor.Mode.TOOLS)
    assert client.create(model="openai/gpt-4o", **ASK).age == 40


def streamed(**arguments):
    written = json.dumps(arguments)
    begun = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "User", "arguments": ""}}
    pieces = [{"index": 0, "function": {"arguments": written[at : at + 5]}} for at in range(0, len(written), 5)]
    deltas = [{"tool_calls": [piece]} for piece in (begun, *pieces)]
    frames = [{"id": "c", "model": "gpt-4o", "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    end = {"id": "c", "model": "gpt-4o", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
    return sse(*frames, end, "data: [DONE]\n\n")


PEOPLE = {"tasks": [{"name": "ANN", "age": 40}, {"name": "BOB", "age": 4}]}
STREAM = {"model": "openai/gpt-4o", "messages": ASK["messages"], "response_model": User}


def test_partial_objects_and_lists_grow_over_a_sync_stream() -> None:
    one = router(SyncModelRouter, Canned(streamed(name="ANN", age=40), streamed(**PEOPLE)))

    def create(*args, stream=False, **params):
        return one.stream(*args, **params) if stream else one.complete(*args, **params)

    client = instructor.from_litellm(create)
    assert list(client.create_partial(**STREAM))[-1].model_dump() == {"name": "ANN", "age": 40}
    assert [user.name for user in client.create_iterable(**STREAM)] == ["ANN", "BOB"]


async def test_partial_objects_and_lists_grow_over_an_async_stream() -> None:
    one = router(ModelRouter, Canned(streamed(name="ANN", age=40), streamed(**PEOPLE)))

    async def create(*args, stream=False, **params):
        if not stream:
            return await one.complete(*args, **params)
        return chunks(*args, **params)

    async def chunks(*args, **params):
        async with one.stream(*args, **params) as opened:
            async for chunk in opened:
                yield chunk

    client = instructor.from_litellm(create)
    assert [user async for user in client.create_partial(**STREAM)][-1].model_dump() == {"name": "ANN", "age": 40}
    assert [user.name async for user in client.create_iterable(**STREAM)] == ["ANN", "BOB"]
