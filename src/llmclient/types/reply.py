"""What every answer has, whatever was asked: who gave it, what it cost, every try, and the provider's own JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Self, cast

from pydantic import BaseModel, ConfigDict, PrivateAttr

from llmclient.types.messages import JSONObject

if TYPE_CHECKING:
    from llmclient.types.cost import Cost
    from llmclient.types.policy import Attempt


class WireModel(BaseModel):
    """Base of everything that crosses the wire: unknown fields are kept, validators are built on first use.

    A validation error does not quote its input: a provider may echo a key.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow", defer_build=True, protected_namespaces=(), populate_by_name=True, hide_input_in_errors=True
    )


class Reply(WireModel):
    """The base of every answer.

    Attributes:
        model: the model as the provider names it, often a dated snapshot.
        provider: who answered, such as "anthropic".
        request_id: the provider's id for its support, from the response header.
    """

    model: str = ""
    provider: str = ""
    request_id: str | None = None

    _raw: bytes | Sequence[bytes] | JSONObject | Callable[[], JSONObject] | None = PrivateAttr(default=None)
    _attempts: tuple[Attempt, ...] = PrivateAttr(default=())
    _price: Callable[[Reply], Cost | None] | None = PrivateAttr(default=None)
    _cost: Cost | None = PrivateAttr(default=None)

    def attach(
        self,
        *,
        raw: bytes | Sequence[bytes] | JSONObject | Callable[[], JSONObject] | None = None,
        attempts: Sequence[Attempt] | None = None,
        price: Callable[[Self], Cost | None] | None = None,
    ) -> None:
        """For providers and routers: put beside the answer what is not part of it on the wire.

        Args:
            raw: the body, the data of a stream's events, the parsed JSON, or a function that gives it when asked for.
            attempts: every try, the successful one last.
            price: computes the cost when it is first asked for.
        """
        if raw is not None:
            self._raw = raw
        if attempts is not None:
            self._attempts = tuple(attempts)
        if price is not None:
            self._price, self._cost = cast("Callable[[Reply], Cost | None]", price), None

    @property
    def raw_response(self) -> JSONObject:
        """The provider's own JSON, every field; for a stream of events `{"events": [...]}`, each with its JSON.

        An answer that is no JSON object is `{"text": ...}` or `{"data": ...}`.
        """
        raw = self._raw
        if callable(raw):
            raw = self._raw = raw()
        if isinstance(raw, dict):
            return raw
        parsed: JSONObject
        if raw is None:
            parsed = {}
        elif isinstance(raw, bytes):
            parsed = _parse(raw)
        else:
            parsed = {"events": [json.loads(frame) for frame in raw]}
        self._raw = parsed
        return parsed

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every try that led to this response, oldest first, the successful one last."""
        return self._attempts

    @property
    def cost(self) -> Cost | None:
        """What the call cost in US dollars, None where no price is known."""
        if self._cost is None and self._price is not None:
            self._cost = self._price(self)
            self._price = None
        return self._cost


def _parse(raw: bytes) -> JSONObject:
    try:
        parsed: object = json.loads(raw)
    except ValueError:
        return {"text": raw.decode("utf-8", "replace")}
    return cast("JSONObject", parsed) if isinstance(parsed, dict) else {"data": parsed}
