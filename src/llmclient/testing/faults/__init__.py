"""Every fault, a class each. A new one is a class and a row of the table in its file, and a row in each dialect."""

from __future__ import annotations

from llmclient.testing.faults.base import BodyFault as BodyFault
from llmclient.testing.faults.base import ConnectionFault as ConnectionFault
from llmclient.testing.faults.base import Fault as Fault
from llmclient.testing.faults.base import StatusFault as StatusFault
from llmclient.testing.faults.base import StreamFault as StreamFault
from llmclient.testing.faults.body import BODY_FAULTS as BODY_FAULTS
from llmclient.testing.faults.body import EmptyBody as EmptyBody
from llmclient.testing.faults.body import ErrorBody as ErrorBody
from llmclient.testing.faults.body import HTMLBadGateway as HTMLBadGateway
from llmclient.testing.faults.body import InvalidJSON as InvalidJSON
from llmclient.testing.faults.body import NullChoices as NullChoices
from llmclient.testing.faults.connection import CONNECTION_FAULTS as CONNECTION_FAULTS
from llmclient.testing.faults.connection import ConnectionRefused as ConnectionRefused
from llmclient.testing.faults.connection import ConnectionReset as ConnectionReset
from llmclient.testing.faults.connection import ConnectTimeout as ConnectTimeout
from llmclient.testing.faults.connection import DNSFailure as DNSFailure
from llmclient.testing.faults.connection import ReadTimeout as ReadTimeout
from llmclient.testing.faults.connection import TLSError as TLSError
from llmclient.testing.faults.status import STATUS_FAULTS as STATUS_FAULTS
from llmclient.testing.faults.status import Auth as Auth
from llmclient.testing.faults.status import BadGateway as BadGateway
from llmclient.testing.faults.status import BadRequest as BadRequest
from llmclient.testing.faults.status import Conflict as Conflict
from llmclient.testing.faults.status import ContentPolicy as ContentPolicy
from llmclient.testing.faults.status import ContextWindow as ContextWindow
from llmclient.testing.faults.status import GatewayTimeout as GatewayTimeout
from llmclient.testing.faults.status import NotFound as NotFound
from llmclient.testing.faults.status import Overloaded as Overloaded
from llmclient.testing.faults.status import Permission as Permission
from llmclient.testing.faults.status import Quota as Quota
from llmclient.testing.faults.status import RateLimit as RateLimit
from llmclient.testing.faults.status import RequestTimeout as RequestTimeout
from llmclient.testing.faults.status import RequestTooLarge as RequestTooLarge
from llmclient.testing.faults.status import ServerFailure as ServerFailure
from llmclient.testing.faults.status import SpendLimit as SpendLimit
from llmclient.testing.faults.status import Status as Status
from llmclient.testing.faults.status import Unavailable as Unavailable
from llmclient.testing.faults.status import Unprocessable as Unprocessable
from llmclient.testing.faults.stream import CRLF as CRLF
from llmclient.testing.faults.stream import STREAM_FAULTS as STREAM_FAULTS
from llmclient.testing.faults.stream import BrokenGzip as BrokenGzip
from llmclient.testing.faults.stream import ByteOrderMark as ByteOrderMark
from llmclient.testing.faults.stream import Disconnect as Disconnect
from llmclient.testing.faults.stream import DisconnectAfterBytes as DisconnectAfterBytes
from llmclient.testing.faults.stream import DisconnectInCharacter as DisconnectInCharacter
from llmclient.testing.faults.stream import DisconnectInFrame as DisconnectInFrame
from llmclient.testing.faults.stream import DuplicateFrame as DuplicateFrame
from llmclient.testing.faults.stream import ErrorEvent as ErrorEvent
from llmclient.testing.faults.stream import LateFirstToken as LateFirstToken
from llmclient.testing.faults.stream import MalformedFrame as MalformedFrame
from llmclient.testing.faults.stream import MissingEnd as MissingEnd
from llmclient.testing.faults.stream import MissingEndMarker as MissingEndMarker
from llmclient.testing.faults.stream import ReorderedFrames as ReorderedFrames
from llmclient.testing.faults.stream import Stall as Stall
from llmclient.testing.faults.stream import WrongContentLength as WrongContentLength

FAULTS: dict[str, type[Fault]] = {
    fault.name(): fault for fault in (*STATUS_FAULTS, *CONNECTION_FAULTS, *BODY_FAULTS, *STREAM_FAULTS)
}
"""Every fault by the name that script files call it."""
