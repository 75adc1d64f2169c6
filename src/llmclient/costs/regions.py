"""Where a call is processed, told by the host it is sent to: OpenAI charges more in a region that a project asks for.

A project with data residency must use the host of its region, so that the host says which price holds (OpenAI, data
controls, data residency). Hosts that are not listed here tell nothing: a gateway of one's own has `region=`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REGION_HOSTS: Final[Mapping[str, str]] = {
    "eu.api.openai.com": "eu",
    "us.api.openai.com": "us",
    "gov.api.openai.com": "fedramp",
}


def region_of(base_url: str | None) -> str | None:
    """The region that an endpoint's host stands for, None where it stands for none.

    Args:
        base_url: such as "https://eu.api.openai.com/v1".
    """
    host = (base_url or "").partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    return REGION_HOSTS.get(host.lower())
