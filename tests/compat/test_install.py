"""`install()`: `import litellm` is the layer, until `uninstall()`."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from unittest import mock

import pytest

from llmclient import ConfigurationError
from llmclient.compat import litellm as layer
from llmclient.compat.litellm._install import NOT_AT_TOP


@pytest.fixture
def litellm():
    layer.install()
    yield importlib.import_module("litellm")
    layer.uninstall()


def test_submodules_are_the_layers_own(litellm):
    types = importlib.import_module("litellm.types.utils")
    assert types is importlib.import_module("llmclient.compat.litellm.types.utils")
    assert litellm.ModelResponse is types.ModelResponse


def test_code_that_imports_litellm_runs(litellm):
    namespace: dict[str, object] = {}
    exec(  # noqa: S102 - what a program writes
        "import litellm\nimport litellm.utils as u\nfrom litellm.types.utils import Choices\n",
        namespace,
    )
    assert namespace["litellm"] is litellm
    assert namespace["Choices"] is litellm.Choices


def test_installing_twice_changes_nothing(litellm):
    layer.install()
    assert sys.modules["litellm"] is litellm


def test_uninstalling_leaves_nothing():
    layer.install()
    importlib.import_module("litellm.exceptions")
    layer.uninstall()
    layer.uninstall()
    assert not [name for name in sys.modules if name.partition(".")[0] == "litellm"]


def test_refuses_when_the_real_one_is_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "litellm", ModuleType("litellm"))
    with pytest.raises(ConfigurationError, match="imported already"):
        layer.install()


def test_a_module_the_layer_has_not_says_so(litellm):
    with pytest.raises(ModuleNotFoundError, match=r"the LiteLLM layer has no module 'litellm\.proxy"):
        importlib.import_module("litellm.proxy.proxy_server")


def test_private_rooms_of_the_layer_are_not_litellms(litellm):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("litellm._settings")


@pytest.mark.parametrize("name", sorted(NOT_AT_TOP))
def test_names_that_litellms_top_lacks_are_absent_for_hasattr(litellm, name):
    assert not hasattr(litellm, name)
    assert callable(getattr(importlib.import_module("litellm.utils"), name))


def test_settings_reach_the_layer(litellm):
    litellm.drop_params = True
    try:
        assert layer.drop_params is True
    finally:
        litellm.drop_params = False


def test_patch_puts_a_mock_in_and_takes_it_out(litellm):
    before = litellm.token_counter
    with mock.patch("litellm.token_counter", return_value=7):
        assert litellm.token_counter() == 7
    assert litellm.token_counter is before
    with mock.patch("litellm.drop_params", new=True):
        assert layer.drop_params is True
    assert layer.drop_params is False


def test_monkeypatch_puts_a_setting_in_and_takes_it_out(litellm):
    layer.drop_params = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(litellm, "drop_params", False)
        patch.setattr(litellm, "callbacks", ["mine"])
        assert (layer.drop_params, layer.callbacks) == (False, ["mine"])
    assert (layer.drop_params, layer.callbacks) == (True, [])
    layer.drop_params = False
