"""Every name of the table resolves, under the layer's own name and, after `install()`, under LiteLLM's."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import openai
import pytest

from compat.names import ERRORS, NAMES
from llmclient.compat import litellm as layer
from llmclient.compat.litellm._install import NOT_AT_TOP

ROWS = [(module, name) for module, names in NAMES.items() for name in names.split()]


@pytest.mark.parametrize(("module", "name"), ROWS)
def test_a_name_resolves_in_the_layer(module, name):
    assert hasattr(importlib.import_module(f"llmclient.compat.{module}"), name)


@pytest.mark.parametrize(("module", "name"), [row for row in ROWS if row[1] not in NOT_AT_TOP])
def test_a_name_resolves_under_litellms_own_after_install(module, name):
    layer.install()
    try:
        assert hasattr(importlib.import_module(module), name)
    finally:
        layer.uninstall()


@pytest.mark.parametrize(("name", "status"), ERRORS.items())
def test_an_error_stands_under_openais_of_the_same_meaning(name, status):
    cls = getattr(layer, name)
    error = cls(message="no", llm_provider="openai", model="gpt-4o")
    parent = getattr(openai, {"Timeout": "APITimeoutError"}.get(name, name), openai.APIError)
    assert isinstance(error, parent)
    assert (error.status_code, error.llm_provider, error.model) == (status, "openai", "gpt-4o")
    assert "no" in error.message


@pytest.mark.parametrize(
    "name", ["ContextWindowExceededError", "ContentPolicyViolationError", "UnsupportedParamsError"]
)
def test_kinds_of_bad_requests_are_bad_requests(name):
    assert issubclass(getattr(layer, name), layer.BadRequestError)


def test_errors_can_be_sent_between_processes():
    import pickle

    error = layer.RateLimitError("slow", "openai", "gpt-4o")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.status_code) == (type(error), str(error), 429)


def test_importing_the_layer_loads_no_sdk_and_no_pydantic():
    code = "import sys, llmclient.compat.litellm; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"openai", "anthropic", "pydantic", "httpx", "httpx2", "asyncio", "tiktoken", "litellm"}.isdisjoint(loaded)


def test_importing_the_parameter_types_loads_no_sdk():
    code = "import sys, llmclient.compat.litellm.types.completion; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"openai", "pydantic"}.isdisjoint(loaded)


def test_the_calls_are_coroutine_functions_where_litellms_are():
    assert inspect.iscoroutinefunction(layer.acompletion)
    assert inspect.iscoroutinefunction(layer.Router(model_list=[]).acompletion)
