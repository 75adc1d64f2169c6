"""What an HTTP client of the caller's own raises reaches the caller, though the SDK wraps it."""

from types import ModuleType

import pytest

from llmclient import SyncModelRouter
from llmclient.errors import BudgetExceededError
from llmclient.providers.config import ProviderConfig


def failing_client(error: Exception):
    def make(http: ModuleType, flavour: str) -> object:
        def handle(request: object) -> object:
            raise error

        return http.Client(transport=http.MockTransport(handle))

    return make


@pytest.mark.parametrize("error", [AssertionError("not in a test"), BudgetExceededError("x", limit="1", spent="1")])
def test_an_error_meant_for_the_caller_is_neither_wrapped_nor_retried(error):
    config = ProviderConfig(api_key="sk-test-canary-0001", http_client=failing_client(error))
    with SyncModelRouter("openai/gpt-5-mini", providers={"openai": config}) as router:
        with pytest.raises(type(error)) as caught:
            router.complete("hello")
        assert caught.value is error
