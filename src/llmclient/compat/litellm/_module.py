"""The class of the layer's top module: reading and assigning an attribute reaches the settings, nothing else changes.

Assigning a name that neither LiteLLM nor the layer has raises, so that nothing is ignored silently. `mock.patch` and
`monkeypatch` work as on any module: a deleted setting is gone until it is assigned again.
"""

from __future__ import annotations

from types import ModuleType

from llmclient.compat.litellm._settings import IGNORED, REFUSED, SETTINGS, WORKING
from llmclient.errors import ConfigurationError

GUIDE = "see docs/leaving-litellm.md"


class NotInLayerError(ConfigurationError, AttributeError):
    """LiteLLM has this name and the layer does not; the message says what stands in its place."""

    def __init__(self, name: str, instead: str = "") -> None:
        hint = f"use {instead}; {GUIDE}" if instead else GUIDE
        self.args = (f"the LiteLLM layer has no {name!r}: {hint}",)
        AttributeError.__init__(self, *self.args, name=name)


class LayerModule(ModuleType):
    """A module whose settings live in `SETTINGS`."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in WORKING:
            setattr(SETTINGS, name, value)
        elif name in REFUSED and value not in _NOTHING:
            raise NotInLayerError(name, REFUSED[name])
        elif name in REFUSED:
            return
        elif name.startswith("_") or name in IGNORED or isinstance(value, ModuleType) or self._knows(name):
            super().__setattr__(name, value)
        else:
            raise NotInLayerError(name)

    def __delattr__(self, name: str) -> None:
        if name in WORKING:
            delattr(SETTINGS, name)
        else:
            super().__delattr__(name)

    def _knows(self, name: str) -> bool:
        return name in self.__dict__ or name in self.__dict__["__all__"]


_NOTHING: tuple[object, ...] = (None, False, 0, [], {})


def read_setting(name: str) -> object:
    """Return a setting's value.

    Raises:
        NotInLayerError: LiteLLM has the name, and the layer does not.
        KeyError: it is no setting.
    """
    if name in WORKING:
        value: object = getattr(SETTINGS, name)
        return value
    if name in IGNORED:
        return IGNORED[name]
    if name in REFUSED:
        raise NotInLayerError(name, REFUSED[name])
    raise KeyError(name)
