"""Which of LiteLLM's modules and names the layer has; found out without loading an SDK."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from llmclient.compat.litellm import _settings

LITELLM = "litellm"
LAYER = "llmclient.compat.litellm"


def is_litellms(name: str) -> bool:
    """Whether a dotted name is LiteLLM's, or a part of it."""
    return name == LITELLM or name.startswith(f"{LITELLM}.")


def layer_name(name: str) -> str:
    """The layer's name for a dotted name of LiteLLM's."""
    return LAYER + name.removeprefix(LITELLM)


@cache
def module_of(name: str) -> ModuleType | None:
    """The layer's module for one of LiteLLM's; None where there is none."""
    if any(part.startswith("_") and part != "_logging" for part in name.split(".")):
        return None
    try:
        found = find_spec(layer_name(name))
    except ModuleNotFoundError:
        return None
    return import_module(layer_name(name)) if found is not None else None


def has_name(module: str, name: str) -> bool:
    """Whether the layer's counterpart of a module has a name."""
    found = module_of(module)
    if found is None:
        return False
    if name in getattr(found, "__all__", ()) or module_of(f"{module}.{name}") is not None:
        return True
    settings = _settings.WORKING | _settings.IGNORED.keys() if module == LITELLM else frozenset[str]()
    return name in settings or (name in vars(found) and not name.startswith("_"))


def has_path(path: str) -> bool:
    """Whether a dotted path, such as "litellm.utils.token_counter", leads to a module or a name of the layer."""
    if module_of(path) is not None:
        return True
    module, _, name = path.rpartition(".")
    if not module:
        return False
    owner, _, method = module.rpartition(".")
    return has_name(module, name) or bool(owner and method[:1].isupper() and has_name(owner, method))


def instead_of(name: str) -> str:
    """What stands in the place of a name that the layer lacks; empty where nobody wrote it down."""
    return _settings.REFUSED.get(name, "")
