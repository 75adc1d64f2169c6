"""`install()`: from now on, in this process, `import litellm` gives the layer, and each submodule its counterpart.

A finder maps "litellm.x" to "llmclient.compat.litellm.x" and hands out that very module, so that a class is the same
under both names. `litellm` itself is a thin face of the layer: it lacks the names that LiteLLM's own top module lacks,
since code asks for them with `hasattr`.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType

from llmclient.compat.litellm._module import GUIDE, NotInLayerError
from llmclient.compat.litellm._settings import WORKING
from llmclient.errors import ConfigurationError

LAYER = "llmclient.compat.litellm"
NAME = "litellm"

_REMEMBERED = 64
"""How many assignments of settings can be undone."""

NOT_AT_TOP = frozenset(
    {
        "supports_native_streaming",
        "supports_embedding_image_input",
        "supports_tool_choice",
        "supports_assistant_prefill",
    }
)
"""Names that LiteLLM has in `litellm.utils` only, or nowhere."""


class _Face(ModuleType):
    """The module `litellm`: reading, assigning and deleting reach the layer.

    Tools that patch see an attribute that is not in the module itself and undo by deleting: for a setting this brings
    back what it was before it was last assigned.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__dict__["__before__"] = deque[tuple[str, object]](maxlen=_REMEMBERED)

    def __getattr__(self, name: str) -> object:
        if name in NOT_AT_TOP:
            raise NotInLayerError(name, f"litellm.utils.{name}")
        value: object = getattr(sys.modules[LAYER], name)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("__"):
            super().__setattr__(name, value)
            return
        layer = sys.modules[LAYER]
        if name in WORKING:
            self.__dict__["__before__"].append((name, layer.__dict__[name]))
        setattr(layer, name, value)

    def __delattr__(self, name: str) -> None:
        layer = sys.modules[LAYER]
        before: deque[tuple[str, object]] = self.__dict__["__before__"]
        found = next((entry for entry in reversed(before) if entry[0] == name), None)
        if found is None:
            delattr(layer, name)
        else:
            before.remove(found)
            setattr(layer, *found)

    def __dir__(self) -> Iterable[str]:
        return sorted(set(dir(sys.modules[LAYER])) - NOT_AT_TOP)


class _Finder:
    """Finds "litellm" and what is below it; also its loader."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Speak up for "litellm" and "litellm.*", and for nothing else."""
        if name != NAME and not name.startswith(f"{NAME}."):
            return None
        # A plain spec, not one of our own: the import system only asks it for these two methods.
        return ModuleSpec(name, self, is_package=name == NAME)  # type: ignore[arg-type]  # the protocol is older

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """A face for "litellm"; for a submodule an empty one, which `exec_module` replaces."""
        return _Face(NAME) if spec.name == NAME else None

    def exec_module(self, module: ModuleType) -> None:
        """Put the layer's own module in the place of the empty one."""
        name = module.__name__
        if name == NAME:
            import_module(LAYER)
            module.__doc__ = sys.modules[LAYER].__doc__
            return
        counterpart = LAYER + name.removeprefix(NAME)
        if name.rpartition(".")[2] in _OURS_ONLY:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        try:
            sys.modules[name] = import_module(counterpart)
        except ModuleNotFoundError as error:
            if error.name is None or not counterpart.startswith(error.name):
                raise
            raise ModuleNotFoundError(f"the LiteLLM layer has no module {name!r}; {GUIDE}", name=name) from None


_OURS_ONLY = frozenset({"_install", "_settings", "_module", "_responses", "_errors"})
_finder = _Finder()


def install() -> None:
    """Make `import litellm` resolve to the layer, for this process. Calling it again changes nothing.

    Raises:
        ConfigurationError: the real LiteLLM is imported already.
    """
    loaded = sys.modules.get(NAME)
    if isinstance(loaded, _Face):
        return
    if loaded is not None:
        raise ConfigurationError(
            "litellm is imported already: call llmclient.compat.litellm.install() before the first 'import litellm'"
        )
    sys.meta_path.insert(0, _finder)
    import_module(NAME)


def uninstall() -> None:
    """Undo `install()`: `import litellm` means the installed package again. Harmless without it."""
    finders: Sequence[object] = sys.meta_path
    if _finder in finders:
        sys.meta_path.remove(_finder)
    if isinstance(sys.modules.get(NAME), _Face):
        for name in [name for name in sys.modules if name == NAME or name.startswith(f"{NAME}.")]:
            del sys.modules[name]
