"""Module-level settings: what works is kept, what is refused names its replacement, nothing is ignored silently."""

from __future__ import annotations

import pytest

from llmclient.compat import litellm

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", ["cache", "max_budget", "modify_params", "pre_call_rules"])
def test_a_refused_setting_names_what_to_use(name):
    with pytest.raises(AttributeError, match="use "):
        setattr(litellm, name, object())
    with pytest.raises(AttributeError, match="use "):
        getattr(litellm, name)


def test_switching_off_what_does_not_exist_is_fine():
    litellm.cache = None
    assert not hasattr(litellm, "cache")


def test_a_setting_nobody_knows_is_an_error():
    with pytest.raises(AttributeError, match="leaving-litellm"):
        litellm.dorp_params = True


@pytest.mark.parametrize("name", ["telemetry", "set_verbose", "disable_aiohttp_transport", "suppress_debug_info"])
def test_what_has_no_effect_is_accepted(name, monkeypatch):
    monkeypatch.setattr(litellm, name, True)
    assert getattr(litellm, name) is True


def test_lists_of_callbacks_can_be_replaced_and_grown(monkeypatch):
    monkeypatch.setattr(litellm, "callbacks", ["a"])
    litellm.callbacks.append("b")
    assert litellm.callbacks == ["a", "b"]


def test_the_callback_manager_fills_the_lists(monkeypatch):
    monkeypatch.setattr(litellm, "success_callback", [])
    litellm.logging_callback_manager.add_litellm_success_callback(print)
    litellm.logging_callback_manager.add_litellm_success_callback(print)
    assert litellm.success_callback == [print]
