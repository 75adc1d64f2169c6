"""YAML (and JSON, which is YAML) read into values that know their line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol, cast

from llmclient._narrow import is_list, is_mapping
from llmclient.errors import MissingDependencyError


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
        ScriptFileError: it is no YAML, or a key stands twice in one mapping.
        MissingDependencyError: PyYAML is not installed.
    """
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise MissingDependencyError("PyYAML", "testing") from error
    loader = yaml.SafeLoader(text.replace("\t", "  ") if path.endswith(".json") else text)
    try:
        root = loader.get_single_node()
        if root is None:
            return Node(1, {})
        return _node(loader, root, path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ScriptFileError(path, mark.line + 1 if mark else 1, str(error.problem or error.context)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ScriptFileError(path, line, f"a character that YAML does not allow: {error.reason}") from error
    finally:
        loader.dispose()


def _node(loader: object, source: object, path: str) -> Node:
    import yaml

    line = cast("yaml.Node", source).start_mark.line + 1
    if isinstance(source, yaml.MappingNode):
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in _pairs(source):
            name = str(key.value)
            where = key.start_mark.line + 1
            if name in entries:
                raise ScriptFileError(path, where, f"key {name!r} stands here for the second time")
            entries[name], lines[name] = _node(loader, value, path), where
        return Node(line, entries, lines)
    if isinstance(source, yaml.SequenceNode):
        return Node(line, [_node(loader, item, path) for item in cast("list[object]", source.value)])
    return Node(line, cast("_Loader", loader).construct_object(source, deep=True))


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
