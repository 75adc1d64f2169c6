"""Counting tokens: of a text, of a conversation, and by the provider itself.

Importing this package loads nothing; tiktoken is imported at the first count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmclient._lazy import Getattr, lazy_exports

if TYPE_CHECKING:
    from llmclient.providers.counting import count_tokens_exact as count_tokens_exact
    from llmclient.providers.counting import count_tokens_exact_sync as count_tokens_exact_sync
    from llmclient.tokens.count import TokenCount as TokenCount
    from llmclient.tokens.count import acount_tokens as acount_tokens
    from llmclient.tokens.count import count_message_tokens as count_message_tokens
    from llmclient.tokens.count import count_tokens as count_tokens

__all__ = [
    "TokenCount",
    "acount_tokens",
    "count_message_tokens",
    "count_tokens",
    "count_tokens_exact",
    "count_tokens_exact_sync",
]

__getattr__: Getattr = lazy_exports(
    __name__,
    {
        "TokenCount": "llmclient.tokens.count",
        "acount_tokens": "llmclient.tokens.count",
        "count_message_tokens": "llmclient.tokens.count",
        "count_tokens": "llmclient.tokens.count",
        "count_tokens_exact": "llmclient.providers.counting",
        "count_tokens_exact_sync": "llmclient.providers.counting",
    },
)
