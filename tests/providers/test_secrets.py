"""A key never shows: not in a repr, an error, a log line at DEBUG, a traceback, or a body that echoes it."""

from __future__ import annotations

import logging
import traceback

import pytest

from llmclient import Deployment, LLMClientError, ProviderConfig, get_provider
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
