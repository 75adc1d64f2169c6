"""No answer at all, a class each. The words are those of CPython, OpenSSL and httpcore on Linux.

At the transport door the named httpx exception is raised; at the server the socket is treated so that the client's
own stack raises it, where one machine can do that: a name that does not resolve, a TLS failure and a connection that
is never accepted cannot be played by a server that is already connected, and are played there as a reset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from llmclient import errors
from llmclient.testing.faults.base import ConnectionFault


@dataclass(frozen=True)
class DNSFailure(ConnectionFault):
    """The host name does not resolve (getaddrinfo(3), EAI_NONAME)."""

    error: ClassVar[type[errors.ProviderError]] = errors.APIConnectionError
    text = "[Errno -2] Name or service not known"


@dataclass(frozen=True)
class ConnectionRefused(ConnectionFault):
    """Nobody listens (connect(2), ECONNREFUSED)."""

    error: ClassVar[type[errors.ProviderError]] = errors.APIConnectionError
    text = "[Errno 111] Connection refused"


@dataclass(frozen=True)
class ConnectionReset(ConnectionFault):
    """The connection was cut after the request was sent and before an answer began (recv(2), ECONNRESET)."""

    error: ClassVar[type[errors.ProviderError]] = errors.APIConnectionError
    text = "[Errno 104] Connection reset by peer"
    exception = "ReadError"


@dataclass(frozen=True)
class TLSError(ConnectionFault):
    """The certificate does not hold (OpenSSL verify(1), X509_V_ERR_CERT_HAS_EXPIRED)."""

    error: ClassVar[type[errors.ProviderError]] = errors.APIConnectionError
    text = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)"


@dataclass(frozen=True)
class ConnectTimeout(ConnectionFault):
    """No connection in time: the virtual clock moves by the call's connect limit. `phase` is "connect".

    Source: httpx "Timeouts" (ConnectTimeout).
    """

    error: ClassVar[type[errors.ProviderError]] = errors.RequestTimeoutError
    text = "timed out while connecting"
    exception = "ConnectTimeout"


@dataclass(frozen=True)
class ReadTimeout(ConnectionFault):
    """The request was sent and nothing came: the virtual clock moves by the call's read limit. `phase` is "read".

    Source: httpx "Timeouts" (ReadTimeout).
    """

    error: ClassVar[type[errors.ProviderError]] = errors.RequestTimeoutError
    text = "timed out while reading"
    exception = "ReadTimeout"


CONNECTION_FAULTS: tuple[type[ConnectionFault], ...] = (
    DNSFailure,
    ConnectionRefused,
    ConnectionReset,
    TLSError,
    ConnectTimeout,
    ReadTimeout,
)
