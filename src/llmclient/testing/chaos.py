"""Faults by lot, that fall the same way in every run.

The lot is drawn from the seed, the content of the request and how often that content has been asked before; so the
same requests meet the same faults whatever ran between them, in any order, on any number of workers.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import cast

from llmclient.testing.call import Call, text_of
from llmclient.testing.faults.base import Fault

_RESOLUTION = 1 << 64


class Chaos:
    """A lot for each request.

    Args:
        rate: share of requests that meet a fault, from 0 to 1.
        faults: which; each as likely as the others.
        seed: another seed draws other lots.
    """

    def __init__(self, rate: float, faults: Sequence[Fault], seed: object) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(f"chaos(rate={rate!r}): give a share from 0 to 1")
        if not faults:
            raise ValueError("chaos(faults=[]): give at least one fault, such as RateLimit(retry_after=1)")
        self.rate = rate
        self.faults: tuple[Fault, ...] = tuple(faults)
        self.seed = seed
        self._asked: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def draw(self, call: Call) -> Fault | None:
        """The fault that this request meets, None for none."""
        content = fingerprint(call)
        with self._lock:
            attempt = self._asked[content]
            self._asked[content] += 1
        lot = blake2b(f"{self.seed}:{attempt}:".encode() + content, digest_size=16).digest()
        if int.from_bytes(lot[:8]) >= self.rate * _RESOLUTION:
            return None
        return self.faults[int.from_bytes(lot[8:]) % len(self.faults)]


def fingerprint(call: Call) -> bytes:
    """What a request asks, as a digest: the same through every door, whatever a wire adds to it."""
    asked = [_gist(message) for message in call.messages] or call.text
    content = [call.name, call.capability, asked, call.tool_names, call.stream]
    return blake2b(json.dumps(content, default=repr).encode(), digest_size=16).digest()


def _gist(message: Mapping[str, object]) -> list[object]:
    made = cast("Sequence[Mapping[str, object]]", message.get("tool_calls") or ())
    functions = [cast("Mapping[str, object]", call.get("function") or {}) for call in made]
    return [message.get("role"), text_of(message.get("content")), [function.get("name") for function in functions]]
