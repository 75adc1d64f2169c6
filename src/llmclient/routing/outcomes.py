"""Which exceptions are outcomes of a try. Anything else, such as a test's own error, passes straight through."""

from __future__ import annotations

from llmclient.errors import ConfigurationError, ProviderError, RequestError

OUTCOMES = (ProviderError, RequestError, ConfigurationError)
"""What the policy is told of."""
