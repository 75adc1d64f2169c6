"""The test harness: scripted fakes for every provider, virtual time, a journal.

`pytest -p llmclient.testing`, or `pytest_plugins = ["llmclient.testing"]` in a conftest, brings the fixtures; outside
pytest, `with script(...)` does. Importing this loads neither pytest nor an SDK: names load when they are touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.testing.builder import TurnBuilder as TurnBuilder
    from llmclient.testing.call import Call as Call
    from llmclient.testing.cassettes.session import cassette as cassette
    from llmclient.testing.clock import VirtualClock as VirtualClock
    from llmclient.testing.faults import FAULTS as FAULTS
    from llmclient.testing.faults.base import BodyFault as BodyFault
    from llmclient.testing.faults.base import ConnectionFault as ConnectionFault
    from llmclient.testing.faults.base import Fault as Fault
    from llmclient.testing.faults.base import StatusFault as StatusFault
    from llmclient.testing.faults.base import StreamFault as StreamFault
    from llmclient.testing.faults.body import EmptyBody as EmptyBody
    from llmclient.testing.faults.body import ErrorBody as ErrorBody
    from llmclient.testing.faults.body import HTMLBadGateway as HTMLBadGateway
    from llmclient.testing.faults.body import InvalidJSON as InvalidJSON
    from llmclient.testing.faults.body import NullChoices as NullChoices
    from llmclient.testing.faults.connection import ConnectionRefused as ConnectionRefused
    from llmclient.testing.faults.connection import ConnectionReset as ConnectionReset
    from llmclient.testing.faults.connection import ConnectTimeout as ConnectTimeout
    from llmclient.testing.faults.connection import DNSFailure as DNSFailure
    from llmclient.testing.faults.connection import ReadTimeout as ReadTimeout
    from llmclient.testing.faults.connection import TLSError as TLSError
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
    from llmclient.testing.files.load import load_script as load_script
    from llmclient.testing.files.nodes import ScriptFileError as ScriptFileError
    from llmclient.testing.harness import Harness as Harness
    from llmclient.testing.journal import Calls as Calls
    from llmclient.testing.journal import RecordedCall as RecordedCall
    from llmclient.testing.llm import LLM as LLM
    from llmclient.testing.llm import script as script
    from llmclient.testing.provider.fake import FakeProvider as FakeProvider
    from llmclient.testing.reply import Citation as Citation
    from llmclient.testing.reply import Cut as Cut
    from llmclient.testing.reply import Reasoning as Reasoning
    from llmclient.testing.reply import Reply as Reply
    from llmclient.testing.reply import ScriptedToolCall as ScriptedToolCall
    from llmclient.testing.reply import tool_call as tool_call
    from llmclient.testing.server.app import FakeServer as FakeServer
    from llmclient.testing.transcript import TranscriptError as TranscriptError
    from llmclient.testing.turns import NoTurnError as NoTurnError
    from llmclient.testing.turns import Script as Script
    from llmclient.testing.turns import Turn as Turn
    from llmclient.testing.turns import When as When

pytest_plugins: tuple[str, ...] = ("llmclient.testing.plugin", "llmclient.testing.cassettes.plugin")
"""What pytest loads when this module is named as a plugin."""

__all__ = [
    "CRLF",
    "FAULTS",
    "LLM",
    "Auth",
    "BadGateway",
    "BadRequest",
    "BodyFault",
    "BrokenGzip",
    "ByteOrderMark",
    "Call",
    "Calls",
    "Citation",
    "Conflict",
    "ConnectTimeout",
    "ConnectionFault",
    "ConnectionRefused",
    "ConnectionReset",
    "ContentPolicy",
    "ContextWindow",
    "Cut",
    "DNSFailure",
    "Disconnect",
    "DisconnectAfterBytes",
    "DisconnectInCharacter",
    "DisconnectInFrame",
    "DuplicateFrame",
    "EmptyBody",
    "ErrorBody",
    "ErrorEvent",
    "FakeProvider",
    "FakeServer",
    "Fault",
    "GatewayTimeout",
    "HTMLBadGateway",
    "Harness",
    "InvalidJSON",
    "LateFirstToken",
    "MalformedFrame",
    "MissingEnd",
    "MissingEndMarker",
    "NoTurnError",
    "NotFound",
    "NullChoices",
    "Overloaded",
    "Permission",
    "Quota",
    "RateLimit",
    "ReadTimeout",
    "Reasoning",
    "RecordedCall",
    "ReorderedFrames",
    "Reply",
    "RequestTimeout",
    "RequestTooLarge",
    "Script",
    "ScriptFileError",
    "ScriptedToolCall",
    "ServerFailure",
    "SpendLimit",
    "Stall",
    "Status",
    "StatusFault",
    "StreamFault",
    "TLSError",
    "TranscriptError",
    "Turn",
    "TurnBuilder",
    "Unavailable",
    "Unprocessable",
    "VirtualClock",
    "When",
    "WrongContentLength",
    "cassette",
    "load_script",
    "script",
    "tool_call",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "Auth": "llmclient.testing.faults.status",
        "BadGateway": "llmclient.testing.faults.status",
        "BadRequest": "llmclient.testing.faults.status",
        "BodyFault": "llmclient.testing.faults.base",
        "BrokenGzip": "llmclient.testing.faults.stream",
        "ByteOrderMark": "llmclient.testing.faults.stream",
        "CRLF": "llmclient.testing.faults.stream",
        "Call": "llmclient.testing.call",
        "Calls": "llmclient.testing.journal",
        "Citation": "llmclient.testing.reply",
        "Conflict": "llmclient.testing.faults.status",
        "ConnectTimeout": "llmclient.testing.faults.connection",
        "ConnectionFault": "llmclient.testing.faults.base",
        "ConnectionRefused": "llmclient.testing.faults.connection",
        "ConnectionReset": "llmclient.testing.faults.connection",
        "ContentPolicy": "llmclient.testing.faults.status",
        "ContextWindow": "llmclient.testing.faults.status",
        "Cut": "llmclient.testing.reply",
        "DNSFailure": "llmclient.testing.faults.connection",
        "Disconnect": "llmclient.testing.faults.stream",
        "DisconnectAfterBytes": "llmclient.testing.faults.stream",
        "DisconnectInCharacter": "llmclient.testing.faults.stream",
        "DisconnectInFrame": "llmclient.testing.faults.stream",
        "DuplicateFrame": "llmclient.testing.faults.stream",
        "EmptyBody": "llmclient.testing.faults.body",
        "ErrorBody": "llmclient.testing.faults.body",
        "ErrorEvent": "llmclient.testing.faults.stream",
        "FAULTS": "llmclient.testing.faults",
        "FakeProvider": "llmclient.testing.provider.fake",
        "FakeServer": "llmclient.testing.server.app",
        "Fault": "llmclient.testing.faults.base",
        "GatewayTimeout": "llmclient.testing.faults.status",
        "HTMLBadGateway": "llmclient.testing.faults.body",
        "Harness": "llmclient.testing.harness",
        "InvalidJSON": "llmclient.testing.faults.body",
        "LLM": "llmclient.testing.llm",
        "LateFirstToken": "llmclient.testing.faults.stream",
        "MalformedFrame": "llmclient.testing.faults.stream",
        "MissingEnd": "llmclient.testing.faults.stream",
        "MissingEndMarker": "llmclient.testing.faults.stream",
        "NoTurnError": "llmclient.testing.turns",
        "NotFound": "llmclient.testing.faults.status",
        "NullChoices": "llmclient.testing.faults.body",
        "Overloaded": "llmclient.testing.faults.status",
        "Permission": "llmclient.testing.faults.status",
        "Quota": "llmclient.testing.faults.status",
        "RateLimit": "llmclient.testing.faults.status",
        "ReadTimeout": "llmclient.testing.faults.connection",
        "Reasoning": "llmclient.testing.reply",
        "RecordedCall": "llmclient.testing.journal",
        "ReorderedFrames": "llmclient.testing.faults.stream",
        "Reply": "llmclient.testing.reply",
        "RequestTimeout": "llmclient.testing.faults.status",
        "RequestTooLarge": "llmclient.testing.faults.status",
        "Script": "llmclient.testing.turns",
        "ScriptFileError": "llmclient.testing.files.nodes",
        "ScriptedToolCall": "llmclient.testing.reply",
        "ServerFailure": "llmclient.testing.faults.status",
        "SpendLimit": "llmclient.testing.faults.status",
        "Stall": "llmclient.testing.faults.stream",
        "Status": "llmclient.testing.faults.status",
        "StatusFault": "llmclient.testing.faults.base",
        "StreamFault": "llmclient.testing.faults.base",
        "TLSError": "llmclient.testing.faults.connection",
        "TranscriptError": "llmclient.testing.transcript",
        "Turn": "llmclient.testing.turns",
        "TurnBuilder": "llmclient.testing.builder",
        "Unavailable": "llmclient.testing.faults.status",
        "Unprocessable": "llmclient.testing.faults.status",
        "VirtualClock": "llmclient.testing.clock",
        "When": "llmclient.testing.turns",
        "WrongContentLength": "llmclient.testing.faults.stream",
        "cassette": "llmclient.testing.cassettes.session",
        "load_script": "llmclient.testing.files.load",
        "script": "llmclient.testing.llm",
        "tool_call": "llmclient.testing.reply",
    },
)
