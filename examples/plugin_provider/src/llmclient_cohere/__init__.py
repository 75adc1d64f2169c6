"""Cohere's native v2 chat API, as a provider of llmclient. Source: Cohere API reference, v2/chat, streaming events."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping

import httpx

from llmclient import ProviderConfig, errors
from llmclient.types import ChatRequest, ModelResponse, StreamChunk

BASE_URL = "https://api.cohere.com"
STATUS = {
    401: errors.AuthenticationError,
    402: errors.QuotaExceededError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    408: errors.RequestTimeoutError,
    429: errors.RateLimitError,
    504: errors.RequestTimeoutError,
}
FINISH = {"COMPLETE": "stop", "STOP_SEQUENCE": "stop", "MAX_TOKENS": "length", "TOOL_CALL": "tool_calls"}
RENAMED = {"top_p": "p", "top_k": "k", "stop": "stop_sequences", "max_completion_tokens": "max_tokens"}
"""Parameters that Cohere calls otherwise; all others travel as they are."""


class CohereProvider:
    """Cohere. The factory of the entry point: called with the name and the configuration."""

    def __init__(self, name: str, config: ProviderConfig) -> None:
        self.name = name
        self._config = config
        self._key = config.api_key or os.environ.get("CO_API_KEY", "")
        self._client: httpx.Client | None = None
        self._async_client: httpx.AsyncClient | None = None

    def complete_sync(self, request: ChatRequest) -> ModelResponse:
        try:
            response = self._sync().post("/v2/chat", json=self._body(request), headers=dict(request.extra_headers))
        except httpx.HTTPError as error:
            raise self._unreachable(error, request) from error
        return self._read(response, request)

    async def complete(self, request: ChatRequest) -> ModelResponse:
        try:
            response = await self._async().post(
                "/v2/chat", json=self._body(request), headers=dict(request.extra_headers)
            )
        except httpx.HTTPError as error:
            raise self._unreachable(error, request) from error
        return self._read(response, request)

    def stream_sync(self, request: ChatRequest) -> SyncCohereStream:
        client = self._sync()
        sent = client.build_request("POST", "/v2/chat", json={**self._body(request), "stream": True})
        try:
            response = client.send(sent, stream=True)
            if response.status_code != 200:
                response.read()
        except httpx.HTTPError as error:
            raise self._unreachable(error, request) from error
        self._refuse(response, request)
        return SyncCohereStream(self, request, response)

    async def stream(self, request: ChatRequest) -> CohereStream:
        client = self._async()
        sent = client.build_request("POST", "/v2/chat", json={**self._body(request), "stream": True})
        try:
            response = await client.send(sent, stream=True)
            if response.status_code != 200:
                await response.aread()
        except httpx.HTTPError as error:
            raise self._unreachable(error, request) from error
        self._refuse(response, request)
        return CohereStream(self, request, response)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    async def aclose(self) -> None:
        self.close()
        if self._async_client is not None:
            await self._async_client.aclose()

    # --- the wire ---

    def _settings(self) -> dict:
        if not self._key:
            raise errors.MissingAPIKeyError(self.name, "CO_API_KEY")
        headers = {"authorization": f"Bearer {self._key}", **self._config.headers}
        return {
            "base_url": self._config.base_url or BASE_URL,
            "headers": headers,
            "timeout": self._config.timeout or 600,
        }

    def _sync(self) -> httpx.Client:
        if self._client is None:
            given = self._config.http_client
            transport = given(httpx, "sync") if callable(given) else None
            self._client = httpx.Client(transport=transport, **self._settings())
        return self._client

    def _async(self) -> httpx.AsyncClient:
        if self._async_client is None:
            given = self._config.http_client
            transport = given(httpx, "async") if callable(given) else None
            self._async_client = httpx.AsyncClient(transport=transport, **self._settings())
        return self._async_client

    def _body(self, request: ChatRequest) -> dict:
        if any(_has_audio(message) for message in request.messages):
            raise errors.UnsupportedCapabilityError(self.name, "audio input")
        params = {RENAMED.get(name, name): value for name, value in request.params.items() if value is not None}
        if isinstance(params.get("stop_sequences"), str):
            params["stop_sequences"] = [params["stop_sequences"]]
        if "tool_choice" in params:
            params["tool_choice"] = {"required": "REQUIRED", "none": "NONE"}.get(str(params["tool_choice"]))
        messages = [{k: v for k, v in message.items() if v is not None} for message in request.messages]
        body = {"model": request.model, "messages": messages, "stream": False, **params, **request.extra_body}
        return {name: value for name, value in body.items() if value is not None}

    def _read(self, response: httpx.Response, request: ChatRequest) -> ModelResponse:
        self._refuse(response, request)
        try:
            whole = response.json()
            message = whole["message"]
        except (ValueError, KeyError, TypeError) as error:
            raise self.error(
                errors.MalformedResponseError, f"an answer that cannot be read: {response.text[:200]!r}", request
            ) from error
        text = "".join(part.get("text", "") for part in message.get("content") or ())
        said = {"role": "assistant", "content": text or None, "tool_calls": message.get("tool_calls") or None}
        choice = {"index": 0, "message": said, "finish_reason": _finish(whole.get("finish_reason"))}
        reply = ModelResponse.model_validate(
            {
                "id": whole.get("id", ""),
                "model": request.model,
                "provider": self.name,
                "choices": [choice],
                "usage": _usage(whole.get("usage")),
            }
        )
        reply.attach(raw=response.content)
        return reply

    # --- errors ---

    def _refuse(self, response: httpx.Response, request: ChatRequest) -> None:
        if response.status_code == 200:
            return
        try:
            body = response.json()
            message = str(body.get("message") or body)
        except ValueError:
            body = message = response.text[:500]
        cls = STATUS.get(
            response.status_code, errors.BadRequestError if response.status_code < 500 else errors.ServerError
        )
        waited = response.headers.get("retry-after")
        raise self.error(
            cls,
            message,
            request,
            status_code=response.status_code,
            body=_masked(body, self._key),
            retry_after=_seconds(waited),
        )

    def _unreachable(self, error: httpx.HTTPError, request: ChatRequest) -> errors.ProviderError:
        timed_out = isinstance(error, httpx.TimeoutException)
        return self.error(errors.RequestTimeoutError if timed_out else errors.APIConnectionError, str(error), request)

    def error(
        self, cls: type[errors.ProviderError], message: str, request: ChatRequest, **facts: object
    ) -> errors.ProviderError:
        return cls(_masked(message, self._key), provider=self.name, model=request.model, **facts)


class _Events:
    """Cohere's stream as chunks, and the response as far as it has arrived."""

    def __init__(self, provider: CohereProvider, request: ChatRequest) -> None:
        self._provider, self._request = provider, request
        self._id, self._text, self._calls, self._frames = "", [], {}, []
        self._finish: str | None = None
        self._usage: dict | None = None

    @property
    def response(self) -> ModelResponse:
        calls = [{"id": c["id"], "type": "function", "function": c["function"]} for c in self._calls.values()]
        said = {"role": "assistant", "content": "".join(self._text) or None, "tool_calls": calls or None}
        choice = {"index": 0, "message": said, "finish_reason": self._finish}
        reply = ModelResponse.model_validate({**self._head(), "choices": [choice], "usage": self._usage})
        reply.attach(raw=self._frames)
        return reply

    def _head(self) -> dict:
        return {"id": self._id, "model": self._request.model, "provider": self._provider.name}

    def _chunk(self, line: str) -> StreamChunk | None:
        if not line.startswith("data:") or not line[5:].strip():
            return None
        self._frames.append(line[5:].encode())
        event = json.loads(line[5:])
        kind, delta = event.get("type"), event.get("delta") or {}
        message = delta.get("message") or {}
        if kind == "message-start":
            self._id = event.get("id", "")
            return self._made({"role": "assistant"})
        if kind == "content-delta":
            self._text.append(message["content"]["text"])
            return self._made({"content": self._text[-1]})
        if kind in ("tool-call-start", "tool-call-delta"):
            return self._call(event["index"], message["tool_calls"])
        if kind == "message-end":
            self._finish, self._usage = _finish(delta.get("finish_reason")), _usage(delta.get("usage"))
            return self._made({}, self._finish, self._usage)
        return None

    def _call(self, index: int, call: Mapping) -> StreamChunk:
        held = self._calls.setdefault(
            index, {"id": call.get("id"), "function": {"name": call["function"].get("name"), "arguments": ""}}
        )
        held["function"]["arguments"] += call["function"].get("arguments") or ""
        return self._made({"tool_calls": [{"index": index, **call}]})

    def _made(self, delta: dict, finish: str | None = None, usage: dict | None = None) -> StreamChunk:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return StreamChunk.model_validate({**self._head(), "choices": choices, "usage": usage})

    def _check_end(self) -> None:
        if self._finish is None:
            error = self._provider.error(
                errors.StreamInterruptedError, "the stream ended before its end", self._request
            )
            error.partial = self.response
            raise error


class SyncCohereStream(_Events):
    def __init__(self, provider: CohereProvider, request: ChatRequest, response: httpx.Response) -> None:
        super().__init__(provider, request)
        self._http, self._lines = response, response.iter_lines()

    def __iter__(self) -> Iterator[StreamChunk]:
        return self

    def __next__(self) -> StreamChunk:
        try:
            for line in self._lines:
                chunk = self._chunk(line)
                if chunk is not None:
                    return chunk
        except httpx.HTTPError:
            self._finish = None
        self._check_end()
        raise StopIteration

    def close(self) -> None:
        self._http.close()


class CohereStream(_Events):
    def __init__(self, provider: CohereProvider, request: ChatRequest, response: httpx.Response) -> None:
        super().__init__(provider, request)
        self._http, self._lines = response, response.aiter_lines()

    def __aiter__(self) -> AsyncIterator[StreamChunk]:
        return self

    async def __anext__(self) -> StreamChunk:
        try:
            async for line in self._lines:
                chunk = self._chunk(line)
                if chunk is not None:
                    return chunk
        except httpx.HTTPError:
            self._finish = None
        self._check_end()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        await self._http.aclose()


def _finish(reason: str | None) -> str | None:
    return FINISH.get(reason or "", reason)


def _usage(usage: Mapping | None) -> dict | None:
    tokens = (usage or {}).get("tokens")
    if not tokens:
        return None
    went, came = int(tokens.get("input_tokens") or 0), int(tokens.get("output_tokens") or 0)
    return {"prompt_tokens": went, "completion_tokens": came, "total_tokens": went + came}


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _masked(value: object, key: str) -> object:
    return json.loads(json.dumps(value).replace(key, "***")) if key else value


def _has_audio(message: Mapping) -> bool:
    content = message.get("content")
    return isinstance(content, list) and any(part.get("type") == "input_audio" for part in content)
