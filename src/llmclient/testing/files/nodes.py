"""YAML (and JSON, which is YAML) read into values that know their line."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import NoneType
from typing import TYPE_CHECKING, Protocol, cast

from llmclient._narrow import is_list, is_mapping
from llmclient.errors import MissingDependencyError

if TYPE_CHECKING:
    import yaml


class ScriptFileError(ValueError):
    """A script file cannot be read; the text begins with file and line.

    Attributes:
        path: the file.
        line: the line, from 1.
    """

    def __init__(self, path: str, line: int, problem: str) -> None:
        self.path = path
        self.line = line
        super().__init__(f"{path}:{line}: {problem}")


@dataclass(slots=True)
class Node:
    """A value with its line; mappings and lists hold nodes, scalars plain values."""

    line: int
    value: object
    key_lines: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def mapping(self) -> dict[str, Node] | None:
        """The entries of a mapping, None where it is none."""
        return cast("dict[str, Node]", self.value) if is_mapping(self.value) else None

    @property
    def items(self) -> list[Node] | None:
        """The items of a list, None where it is none."""
        return cast("list[Node]", self.value) if is_list(self.value) else None

    @property
    def is_bare(self) -> bool:
        """Whether it would be a text if it stood in quotes."""
        return self.value is not None and not isinstance(self.value, str | dict | list)

    def shown(self) -> str:
        """The value for people."""
        return "empty" if self.value is None else repr(self.plain())

    def plain(self) -> object:
        """The value without lines."""
        if is_mapping(self.value):
            return {name: node.plain() for name, node in cast("dict[str, Node]", self.value).items()}
        if is_list(self.value):
            return [node.plain() for node in cast("list[Node]", self.value)]
        return self.value


def parse(text: str, path: str) -> Node:
    """Read a file.

    Raises:
        ScriptFileError: it is no YAML or empty, a key stands twice in one mapping, or a value is none of JSON's.
        MissingDependencyError: PyYAML is not installed.
    """
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise MissingDependencyError("PyYAML", "testing") from error
    loader = _loader(text, path)
    try:
        root = loader.get_single_node()
        if root is None:
            raise ScriptFileError(path, 1, "the file is empty; a script has turns, a transcript or auto")
        return _node(loader, root, path, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = _TAB if "'\\t'" in str(error.problem) else str(error.problem or error.context)
        raise ScriptFileError(path, mark.line + 1 if mark else 1, problem) from error
    finally:
        loader.dispose()


def _loader(text: str, path: str) -> yaml.SafeLoader:
    """A loader of the text.

    Raises:
        ScriptFileError: a character that YAML does not allow.
    """
    import yaml

    try:
        return yaml.SafeLoader(text.replace("\t", "  ") if path.endswith(".json") else text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ScriptFileError(path, line, f"a character that YAML does not allow: {error.reason}") from error


_TAB = "a tab where a line begins; indent with spaces"


def _node(loader: object, source: object, path: str, within: tuple[object, ...]) -> Node:
    import yaml

    line = cast("yaml.Node", source).start_mark.line + 1
    if any(outer is source for outer in within):
        raise ScriptFileError(path, line, "an alias stands within what it stands for")
    within = (*within, source)
    if isinstance(source, yaml.MappingNode):
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in _pairs(source):
            name = str(key.value)
            where = key.start_mark.line + 1
            if name in entries:
                raise ScriptFileError(path, where, f"key {name!r} stands here for the second time")
            entries[name], lines[name] = _node(loader, value, path, within), where
        return Node(line, entries, lines)
    if isinstance(source, yaml.SequenceNode):
        return Node(line, [_node(loader, item, path, within) for item in cast("list[object]", source.value)])
    value = cast("_Loader", loader).construct_object(source, deep=True)
    if not isinstance(value, _SCALARS) or (isinstance(value, float) and not math.isfinite(value)):
        raise ScriptFileError(path, line, f"{value} is no value of JSON; put it in quotes")
    return Node(line, value)


_SCALARS = (str, int, float, NoneType)


def _pairs(source: object) -> Iterator[tuple[_Scalar, object]]:
    yield from cast("_Mapping", source).value


class _Loader(Protocol):
    def construct_object(self, node: object, *, deep: bool) -> object: ...


class _Mark:
    line: int


class _Scalar:
    value: object
    start_mark: _Mark


class _Mapping:
    value: list[tuple[_Scalar, object]]
