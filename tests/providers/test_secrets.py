"""A key never shows: not in a repr, an error, a log line at DEBUG, a traceback, or a body that echoes it."""

from __future__ import annotations

import logging
import traceback

import pytest

from llmclient import (
    ConfigurationError,
    Deployment,
    LLMClientError,
    ProviderConfig,
    RequestError,
    SyncModelRouter,
    get_provider,
)
from llmclient.types import ChatRequest
from support.canned import Canned, answer, sse

SHAPED = "sk-proj-CANARYcanaryCANARY0001"
SHAPELESS = "canary.without.any.shape.0001"
REQUEST = ChatRequest(model="m", messages=[{"role": "user", "content": "hi"}])


@pytest.mark.parametrize("key", [SHAPED, SHAPELESS])
def test_a_key_is_not_in_a_repr(key):
    config = ProviderConfig(api_key=key, headers={"authorization": key})
    provider = get_provider("openai", config)
    for shown in (config, provider, Deployment("openai/m", api_key=key), vars(provider)):
        assert key not in repr(shown)


ECHOES = [
    answer({"error": {"message": "Incorrect API key provided: KEY.", "code": "invalid_api_key"}}, 401),
    answer("<html>KEY</html>", 502),
    answer({"error": {"message": "no", "param": "KEY", "metadata": {"raw": "KEY"}}}, 400),
    answer({"error": {"message": "token=KEY"}}),
    answer("not json KEY"),
    sse('data: {"error": {"message": "bad key KEY"}}\n\n'),
    sse("data: {broken KEY\n\n"),
]


@pytest.mark.parametrize("key", [SHAPED, SHAPELESS])
@pytest.mark.parametrize("echo", ECHOES)
def test_a_key_that_is_echoed_is_masked_everywhere(key, echo, caplog):
    body = [chunk.replace(b"KEY", key.encode()) for chunk in echo.chunks]
    canned = Canned(type(echo)(body, echo.status, echo.headers))
    provider = get_provider("openai", ProviderConfig(api_key=key, base_url="http://h", http_client=canned))
    streamed = "event-stream" in echo.headers["content-type"]
    with caplog.at_level(logging.DEBUG), pytest.raises(LLMClientError) as caught:
        list(provider.stream_sync(REQUEST)) if streamed else provider.complete_sync(REQUEST)
    error = caught.value
    shown = [
        str(error),
        repr(error),
        repr(vars(error)),
        "".join(traceback.format_exception(error)),
        "".join(str(record.__dict__) for record in caplog.records if record.name.startswith("llmclient")),
    ]
    assert key not in "\n".join(shown)
    provider.close()


def test_a_key_in_a_refused_connection_is_masked():
    def refuse(_request):
        from llmclient.providers._sdk import load_sdk

        raise load_sdk("openai").http.ConnectError(f"cannot reach http://user:{SHAPELESS}@host")

    config = ProviderConfig(api_key=SHAPELESS, base_url="http://h", http_client=Canned(refuse))
    provider = get_provider("openai", config)
    with pytest.raises(LLMClientError) as caught:
        provider.complete_sync(REQUEST)
    assert SHAPELESS not in "".join(traceback.format_exception(caught.value))
    provider.close()


CANARIES = {
    "user": "canary-user-0001",
    "password": "canary.password.0002",
    "query": "canary.query.value.0003",
    "header": "canary.header.0004",
    "token": "canary.token.0005",
    "cookie": "canary.cookie.0006",
    "call": "canary.call.0007",
    "key": "canary.key.0008",
}
URL = "http://{user}:{password}@127.0.0.1:9/v1?key={query}".format(**CANARIES)
CONFIG = {
    "api_key": CANARIES["key"],
    "base_url": URL,
    "headers": {
        "Authorization": f"Bearer {CANARIES['header']}",
        "X-Team-Token": CANARIES["token"],
        "Cookie": CANARIES["cookie"],
    },
}


def told(text: str) -> list[str]:
    return [name for name, canary in CANARIES.items() if canary in text]


def reachable(root: object) -> list[object]:
    """Every object of ours that can be reached from `root` over attributes and containers, and what they hold."""
    found: dict[int, object] = {}
    todo = [root]
    while todo:
        thing = todo.pop()
        if id(thing) in found or isinstance(thing, (str, bytes, int, float, type)):
            continue
        found[id(thing)] = thing
        slots = [name for cls in type(thing).__mro__ for name in getattr(cls, "__slots__", ())]
        todo.extend(getattr(thing, name) for name in slots if hasattr(thing, name))
        todo.extend(vars(thing).values() if hasattr(thing, "__dict__") else ())
        todo.extend(thing.values() if isinstance(thing, dict) else thing if isinstance(thing, (list, tuple)) else ())
    return [thing for thing in found.values() if type(thing).__module__.startswith("llmclient")]


def test_no_object_behind_a_router_or_a_provider_shows_a_secret():
    config = ProviderConfig(**CONFIG, http_client=Canned(answer({"choices": [{"message": {"content": "Hi"}}]})))
    deployment = Deployment("openai/m", api_key=CANARIES["key"], base_url=URL)
    with SyncModelRouter(deployment, providers={"openai": config}) as router:
        reply = router.complete("hi", extra_headers={"X-Api-Key": CANARIES["call"]})
        shown = [*reachable(router), *reachable(reply), *reachable(reply.attempts), config, deployment]
        assert len(shown) > 20
        assert [(type(thing).__name__, told(repr(thing))) for thing in shown if told(repr(thing))] == []
    assert "base_url='http://***@127.0.0.1:9/v1?key=***'" in repr(config)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "openrouter"])
@pytest.mark.parametrize("status", [200, 401, 502])
@pytest.mark.parametrize("form", ["{}", '{{"error": {{"message": "bad {}"}}}}'])
def test_every_secret_of_a_configuration_is_masked_where_an_answer_echoes_it(provider, status, form, caplog):
    echo = form.format(" ".join(canary for name, canary in CANARIES.items() if name != "user"))
    config = ProviderConfig(**CONFIG, http_client=Canned(answer(echo, status)))
    request = ChatRequest(model="m", messages=REQUEST.messages, extra_headers={"X-Api-Key": CANARIES["call"]})
    instance = get_provider(provider, config)
    with caplog.at_level(logging.DEBUG), pytest.raises(LLMClientError) as caught:
        instance.complete_sync(request)
    instance.close()
    error = caught.value
    ours = "".join(str(record.__dict__) for record in caplog.records if record.name.startswith("llmclient"))
    lines = "".join(traceback.format_exception(error))
    assert told("\n".join([str(error), repr(error), repr(vars(error)), lines, ours])) == []


def variables(error: BaseException) -> str:
    """The variables of every frame that a report of `error` shows, but for those of this file."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    chain = [told]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    frames = [frame for link in chain for frame in link.stack if "/llmclient/" in frame.filename]
    assert frames
    return "\n".join(str(frame.locals) for frame in frames)


def test_frames_of_ours_show_no_secret_in_their_variables():
    """What a crash reporter collects: the variables of every frame."""
    instance = get_provider("openai", ProviderConfig(**CONFIG, http_client=Canned(answer("down", 502))))
    request = ChatRequest(model="m", messages=REQUEST.messages, extra_headers={"X-Api-Key": CANARIES["call"]})
    with pytest.raises(LLMClientError) as caught:
        instance.complete_sync(request)
    instance.close()
    assert told(variables(caught.value)) == []


# --- what cannot be sent ---

UNASKED = Canned(answer({}))


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize(
    "url", ["http://host:port", "http://user:canary.password.0002@h\x00", "http://" + "a" * 70_000]
)
def test_an_endpoint_that_is_no_url_is_a_configuration_error_that_shows_no_key(provider, url):
    instance = get_provider(provider, ProviderConfig(api_key=CANARIES["key"], base_url=url, http_client=UNASKED))
    with pytest.raises(ConfigurationError, match="base_url=") as caught:
        instance.complete_sync(REQUEST)
    assert caught.value.__context__ is None, "the SDK's frames hold the key"
    assert told(str(caught.value) + variables(caught.value)) == []


@pytest.mark.parametrize("key", ["canary.key.0008\n", "canary.key.0008 ", "canary.kéy", "canary\x00key"])
def test_a_key_that_no_header_can_carry_is_a_configuration_error_that_shows_no_key(key):
    with pytest.raises(ConfigurationError, match=r"OPENAI_API_KEY") as caught:
        get_provider("openai", ProviderConfig(api_key=key, base_url="http://h", http_client=UNASKED)).complete_sync(
            REQUEST
        )
    assert "canary" not in str(caught.value) + variables(caught.value)


@pytest.mark.parametrize("headers", [{"X-Team": "blüe"}, {"X-Team": "a\r\nb"}, {"X Team": "a"}, {"X-Team": 5}])
def test_a_header_that_cannot_be_sent_is_a_configuration_error(headers):
    with pytest.raises(ConfigurationError, match=r"header 'X.Team'"):
        get_provider(
            "openai", ProviderConfig(api_key="k", base_url="http://h", headers=headers, http_client=UNASKED)
        ).complete_sync(REQUEST)


@pytest.mark.parametrize("timeout", [0, -1.0])
def test_a_timeout_without_time_is_a_configuration_error(timeout):
    with pytest.raises(ConfigurationError, match="timeout"):
        ProviderConfig(timeout=timeout)


@pytest.mark.parametrize("value", [object(), float("nan"), "\ud800"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_request_that_is_no_json_is_a_request_error_and_is_not_sent(value, stream):
    canned = Canned(answer({}))
    instance = get_provider("openai", ProviderConfig(api_key="k", base_url="http://h", http_client=canned))
    request = ChatRequest(model="m", messages=REQUEST.messages, params={"seed": value}, stream=stream)
    with pytest.raises(RequestError, match="JSON"):
        instance.stream_sync(request) if stream else instance.complete_sync(request)
    instance.close()
    assert canned.requests == []


def test_a_header_of_a_call_that_cannot_be_sent_is_a_request_error():
    instance = get_provider("openai", ProviderConfig(api_key="k", base_url="http://h", http_client=UNASKED))
    request = ChatRequest(model="m", messages=REQUEST.messages, extra_headers={"X-Call": "blü"})
    with pytest.raises(RequestError, match=r"header 'X-Call'.*extra_headers="):
        instance.complete_sync(request)
    instance.close()
