"""The laws of the house that a machine can hold: who may import whom, what importing costs, how large a file is."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import llmclient

SOURCE = Path(llmclient.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

FLOORS: tuple[tuple[str, ...], ...] = (
    ("_lazy", "_narrow", "_secrets", "_version"),
    ("errors",),
    ("types",),
    ("protocols",),
    ("clock", "middleware", "routing.policy", "tokens", "costs"),
    ("providers",),
    ("routing",),
    ("structured",),
    ("compat", "testing", "cli", "__init__", "__main__"),
)
"""From the ground up: a module may import its own floor and those below it."""


def floor_of(module: str) -> int:
    inside = module.removeprefix("llmclient").removeprefix(".") or "__init__"
    best = max(
        (len(room), level)
        for level, rooms in enumerate(FLOORS)
        for room in rooms
        if inside == room or inside.startswith(f"{room}.")
    )
    return best[1]


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Every module of ours that the file imports when it runs; what only type checkers see does not count."""
    tree = ast.parse(path.read_text("utf-8"))
    checked = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    names = set()
    for node in ast.walk(tree):
        if id(node) in checked:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name for name in names if name.split(".")[0] == "llmclient"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_imports_go_down_only(path):
    module = module_of(path)
    above = {name for name in imports_of(path) if floor_of(name) > floor_of(module)}
    assert not above, f"{module} reaches up to {above}"


def test_dialects_share_no_code_with_providers():
    """Law 4, also by way of what they import: an oracle built from what it judges hides bugs."""
    files = {module_of(path): path for path in FILES}
    reached = set()
    ahead = [name for name in files if name.startswith("llmclient.testing.dialects")]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [other for other in imports_of(files[name]) if other in files]
    assert not {name for name in reached if name.startswith(("llmclient.providers", "llmclient.routing"))}


def test_every_module_has_a_floor():
    for path in FILES:
        floor_of(module_of(path))


FORBIDDEN = ("openai", "anthropic", "httpx", "httpx2", "pydantic", "asyncio", "pytest", "tiktoken", "yaml", "vcr")


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import llmclient",
        "from llmclient import ModelRouter, SyncModelRouter",
        "from llmclient import ModelRouter; ModelRouter('openai/gpt-5-mini', fallbacks=['anthropic/claude-haiku-4-5'])",
        "import llmclient.costs, llmclient.tokens",
    ],
)
def test_importing_loads_nothing_heavy(statement):
    assert modules_after(statement).isdisjoint(FORBIDDEN)


def test_importing_opens_no_file_or_socket_and_starts_no_thread():
    watch = """
import sys, threading
seen = []
sys.addaudithook(lambda name, args: seen.append((name, args)) if name in ("open", "socket.__new__") else None)
import llmclient
assert not [args for name, args in seen if name == "open" and not str(args[0]).endswith((".py", ".pyc"))], seen
assert not [name for name, _ in seen if name.startswith("socket")], seen
assert threading.active_count() == 1
"""
    subprocess.run([sys.executable, "-c", watch], check=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_file_opens_with_its_strategy_and_stays_in_one_room(path):
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 420


FACADES = [path for path in FILES if path.name == "__init__.py" and "lazy_exports(" in path.read_text("utf-8")]


@pytest.mark.parametrize("path", FACADES, ids=module_of)
def test_a_facade_says_the_same_to_checkers_and_at_run_time(path):
    module = importlib.import_module(module_of(path))
    seen = {
        alias.asname
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.If)
        for inner in ast.walk(node)
        if isinstance(inner, ast.ImportFrom)
        for alias in inner.names
    }
    assert seen == set(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_the_kind'"):
        _ = module.nothing_of_the_kind


def test_nothing_is_typed_any():
    for path in FILES:
        names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
        assert "Any" not in names, path


def test_every_package_is_shipped_typed():
    assert (SOURCE / "py.typed").is_file()
    assert {info.name for info in pkgutil.iter_modules([str(SOURCE)])} >= {"types", "providers", "routing"}
