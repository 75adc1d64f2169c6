"""What a provider from outside is built from: the base of a vendor that is spoken to over plain HTTP.

A vendor is an `Endpoint` (where it is, which variable holds its key) and a `Wire`: a path, an encoder, a decoder for a
whole answer, a decoder for the events of a stream, and rows that say what its errors mean. `HTTPProvider` does the
rest, as for the vendors that come with the library: sync and async, one client for each event loop, server-sent
events, time limits, the naming of every failure, masking of keys, and streams that break off. See
`examples/plugin_provider`, and `llmclient.testing.conformance` for the tests that hold for every provider.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from llmclient.providers._call import Call, Form, FormFile, StreamError
from llmclient.providers._endpoint import Endpoint, resolve
from llmclient.providers._errors import ErrorRow
from llmclient.providers._exchange import EventDecoder, Exchange, PlainExchange, PlainWire, Wire
from llmclient.providers._http import HTTPClients
from llmclient.providers._parameters import leave_out
from llmclient.providers._provider import ExchangeProvider
from llmclient.providers._sse import ServerSentEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmclient.providers.config import ProviderConfig
    from llmclient.types.request import ChatRequest

__all__ = [
    "Call",
    "Endpoint",
    "ErrorRow",
    "EventDecoder",
    "Form",
    "FormFile",
    "HTTPProvider",
    "PlainExchange",
    "PlainWire",
    "ServerSentEvent",
    "StreamError",
    "Wire",
    "leave_out",
]


class HTTPProvider(ExchangeProvider):
    """A vendor over plain HTTP. A subclass says where it is and how it is spoken to; it is its own factory.

    Args:
        name: the registered name.
        config: how to reach it; what is not given comes from the variables of `endpoint`.
    """

    endpoint: ClassVar[Endpoint]
    """Where the vendor is."""

    def __init__(self, name: str, config: ProviderConfig) -> None:
        super().__init__(name, HTTPClients(partial(resolve, self.endpoint, config), self.auth_headers))

    @abstractmethod
    def wire(self, request: ChatRequest) -> Wire:
        """How this request is sent and its answer read."""

    def auth_headers(self, key: str) -> Mapping[str, str]:
        """The headers that carry the key. Default: a bearer token (RFC 6750)."""
        return {"authorization": f"Bearer {key}"}

    def _exchange(self, request: ChatRequest) -> Exchange:
        return Exchange(self.name, self.wire(request), self._clients, request)
