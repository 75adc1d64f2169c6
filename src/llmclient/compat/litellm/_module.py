"""The class of the layer's top module: assigning a name that neither LiteLLM nor the layer has raises.

So nothing is ignored silently. In everything else it is a module, and `mock.patch` and `monkeypatch` work as on any.
"""

from __future__ import annotations

from types import ModuleType

from llmclient.compat.litellm._settings import IGNORED, REFUSED, WORKING
from llmclient.errors import ConfigurationError

GUIDE = "see docs/leaving-litellm.md"


class NotInLayerError(ConfigurationError, AttributeError):
    """LiteLLM has this name and the layer does not; the message says what stands in its place."""

    def __init__(self, name: str, instead: str = "") -> None:
        hint = f"use {instead}; {GUIDE}" if instead else GUIDE
        self.args = (f"the LiteLLM layer has no {name!r}: {hint}",)
        AttributeError.__init__(self, *self.args, name=name)


class LayerModule(ModuleType):
    """A module that knows which attributes it may be given."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in REFUSED:
            if value not in _NOTHING:
                raise NotInLayerError(name, REFUSED[name])
        elif name.startswith("_") or isinstance(value, ModuleType) or name in self.__dict__ or name in _settable(self):
            super().__setattr__(name, value)
        else:
            raise NotInLayerError(name)


def _settable(module: ModuleType) -> frozenset[str]:
    # No method: submodules become attributes of the module, and one of them might have its name.
    return WORKING | IGNORED.keys() | set(module.__dict__["__all__"])


_NOTHING: tuple[object, ...] = (None, False, 0, [], {})
