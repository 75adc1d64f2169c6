"""From a script file to a `Script`: checked against the tables, key by key, with errors that name the line.

fakes/weather.yaml:7: unknown key 'contain' in when; nearest: 'contains'
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from llmclient.testing.auto import AutoReplies
from llmclient.testing.builder import as_json
from llmclient.testing.faults import FAULTS
from llmclient.testing.faults.base import Fault, StatusFault, StreamFault
from llmclient.testing.files.kinds import KINDS, WHOLE
from llmclient.testing.files.nodes import Node, ScriptFileError, parse
from llmclient.testing.files.spec import REQUIRED, TABLES, Key
from llmclient.testing.nearest import nearest
from llmclient.testing.reply import Citation, Cut, Reasoning, Reply, ScriptedToolCall
from llmclient.testing.transcript import TranscriptError, turns_of
from llmclient.testing.turns import ALWAYS, Action, Script, Turn, When, as_outcome


def load_script(path: str | Path) -> Script:
    """Read a script from a YAML or JSON file.

    Args:
        path: the file; what may stand in it says `script.schema.json`, which is shipped beside this module.

    Raises:
        ScriptFileError: the file holds something that no script has; begins with file and line.
        FileNotFoundError: there is no such file.
    """
    file = Path(path)
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScriptFileError(str(path), line, "the file is not in UTF-8; save it so") from error
    return parse_script(text, str(path), default_name=file.stem)


def parse_script(text: str, path: str = "script", *, default_name: str = "script") -> Script:
    """Read a script from the text of a file; `path` is what errors call it."""
    reader = _Reader(path)
    root = parse(text, path)
    keys = reader.table(root, "script")
    name = keys["name"].plain() if "name" in keys else default_name
    script = Script(name=str(name))
    if "auto" in keys and keys["auto"].plain():
        script.fallback = AutoReplies()
    for node in (keys["turns"].items or []) if "turns" in keys else []:
        script.add(reader.turn(node))
    if "transcript" in keys:
        written = keys["transcript"]
        try:
            script.add(*turns_of(str(written.plain()), source=path))
        except TranscriptError as error:
            raise ScriptFileError(path, written.line + error.line, str(error).partition(": ")[2]) from error
    return script


class _Reader:
    """Checks nodes against the tables and makes values of them."""

    def __init__(self, path: str) -> None:
        self._path = path

    def table(self, node: Node, name: str) -> dict[str, Node]:
        """The entries of a mapping, every key and value checked."""
        spec, where = TABLES[name], name.replace("_", " ")
        entries = node.mapping
        if entries is None:
            raise ScriptFileError(self._path, node.line, f"{where} is a mapping, not {node.shown()}")
        for key, value in entries.items():
            known = spec.get(key)
            line = node.key_lines[key]
            if known is None:
                close = nearest(key, spec)
                hint = f"; nearest: {close!r}" if close else ""
                raise ScriptFileError(self._path, line, f"unknown key {key!r} in {where}{hint}")
            self._check(key, value, known)
        for key in REQUIRED.get(name, ()):
            if key not in entries:
                raise ScriptFileError(self._path, node.line, f"{where} needs the key {key!r}")
        return entries

    def _check(self, key: str, node: Node, spec: Key) -> None:
        if spec.kind == "items":
            if node.items is None:
                raise ScriptFileError(self._path, node.line, f"{key} is a list, not {node.shown()}")
            return
        kind = KINDS.get(spec.kind)
        if kind is None:  # a table: looked at when it is read
            return
        if not kind.takes(node.plain()):
            mend = "; put it in quotes" if spec.kind == "text" and node.is_bare else ""
            raise ScriptFileError(self._path, node.line, f"{key} must be {kind.words}, not {node.shown()}{mend}")
        if spec.kind in WHOLE and isinstance(node.value, float):
            node.value = int(node.value)

    def optional(self, node: Node, name: str) -> dict[str, Node]:
        """As `table`, where nothing at all is an empty mapping."""
        return {} if node.value is None else self.table(node, name)

    def turn(self, node: Node) -> Turn:
        keys = self.table(node, "turn")
        if ("reply" in keys) == ("fail" in keys):
            raise ScriptFileError(self._path, node.line, "a turn has either reply or fail, and not both")
        action: Action = self.reply(keys["reply"]) if "reply" in keys else as_outcome(self.fault(keys["fail"]))
        times = keys["times"].plain() if "times" in keys else 1
        return Turn(
            action=action,
            on=str(keys["on"].plain()) if "on" in keys else "*",
            when=self.when(keys["when"]) if "when" in keys else ALWAYS,
            times=None if times == "always" else cast("int", times),
            source=f"{self._path}:{node.line}",
            optional=bool(keys["optional"].plain()) if "optional" in keys else False,
        )

    def when(self, node: Node) -> When:
        given = {key: value.plain() for key, value in self.optional(node, "when").items()}
        return When(**given)  # type: ignore[arg-type]  # checked against the table

    def reply(self, node: Node) -> Reply:
        if isinstance(node.value, str):
            return Reply(text=node.value)
        if node.mapping is None:
            mend = "; put it in quotes" if node.is_bare else ""
            raise ScriptFileError(self._path, node.line, f"reply is a text or a mapping, not {node.shown()}{mend}")
        keys = self.table(node, "reply")
        plain = {key: value.plain() for key, value in keys.items()}
        text = cast("str | None", plain.get("text"))
        if "parsed" in plain and text is None:
            text = as_json(plain["parsed"])
        cut = self.cut(keys.get("stream"), keys.get("chunks"))
        if cut.chunks is not None:
            text = "".join(cut.chunks) if text is None else text
            if "".join(cut.chunks) != text:
                raise ScriptFileError(self._path, node.line, "text and chunks say different things; leave one out")
        vectors = cast("list[list[float]] | None", plain.get("embeddings"))
        return Reply(
            text=text,
            tool_calls=tuple(self.tool_call(item) for item in _items(keys, "tool_calls")),
            reasoning=self.reasoning(keys.get("reasoning")),
            citations=tuple(self.citation(item) for item in _items(keys, "citations")),
            refusal=cast("str | None", plain.get("refusal")),
            finish_reason=cast("str | None", plain.get("finish_reason")),
            usage=cast("Mapping[str, object] | None", plain.get("usage")),
            cost=cast("float | None", plain.get("cost")),
            logprobs=cast("Mapping[str, object] | None", plain.get("logprobs")),
            embeddings=None if vectors is None else tuple(tuple(vector) for vector in vectors),
            dimension=cast("int | None", plain.get("dimension")),
            images=(str(plain["image"]),) if "image" in plain else (),
            transcript=cast("str | None", plain.get("transcript")),
            model=cast("str | None", plain.get("model")),
            headers=cast("Mapping[str, str]", plain.get("headers", {})),
            cut=cut,
            fault=self.stream_fault(keys.get("fault")),
        )

    def cut(self, node: Node | None, chunks: Node | None) -> Cut:
        given = {} if node is None else {key: value.plain() for key, value in self.optional(node, "stream").items()}
        if chunks is not None:
            given["chunks"] = chunks.plain()
        if "chunks" in given:
            given["chunks"] = tuple(cast("list[str]", given["chunks"]))
        return Cut(**given)  # type: ignore[arg-type]  # checked against the table

    def tool_call(self, node: Node) -> ScriptedToolCall:
        given = {key: value.plain() for key, value in self.table(node, "tool_call").items()}
        arguments = given.get("arguments", {})
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return ScriptedToolCall(str(given["name"]), text, cast("str | None", given.get("id")))

    def reasoning(self, node: Node | None) -> tuple[Reasoning, ...]:
        if node is None:
            return ()
        blocks = node.items if node.items is not None else [node]
        return tuple(
            Reasoning(text=block.value)
            if isinstance(block.value, str)
            else Reasoning(**{key: str(value.plain()) for key, value in self.table(block, "reasoning").items()})
            for block in blocks
        )

    def citation(self, node: Node) -> Citation:
        given = {key: value.plain() for key, value in self.table(node, "citation").items()}
        return Citation(**given)  # type: ignore[arg-type]  # checked against the table

    def stream_fault(self, node: Node | None) -> StreamFault | None:
        if node is None:
            return None
        fault = self.fault(node)
        if not isinstance(fault, StreamFault):
            raise ScriptFileError(
                self._path, node.line, f"{fault.name()} comes in place of a reply; write it as the turn's fail"
            )
        return fault

    def status_fault(self, node: Node) -> Fault:
        """The error that a stream or a body reports."""
        fault = self.fault(node)
        if not isinstance(fault, StatusFault):
            raise ScriptFileError(self._path, node.line, f"{fault.name()} is no error status, such as rate_limit")
        return fault

    def fault(self, node: Node) -> Fault:
        """A fault: its name alone, or a mapping of its name to its facts."""
        if isinstance(node.value, str):
            node = Node(node.line, {node.value: Node(node.line, {})}, {node.value: node.line})
        keys = {} if node.mapping is None else self.table(node, "fault")
        if len(keys) != 1:
            words = "a fault is one name, or one name with its facts, such as {rate_limit: {}}"
            raise ScriptFileError(self._path, node.line, words)
        ((name, facts),) = keys.items()
        given: dict[str, object] = {
            key: self.status_fault(value) if TABLES[name][key].kind == "table_or_text" else value.plain()
            for key, value in self.optional(facts, name).items()
        }
        try:
            return FAULTS[name](**given)
        except ValueError as error:
            raise ScriptFileError(self._path, facts.line, str(error)) from error


def _items(keys: Mapping[str, Node], name: str) -> list[Node]:
    return (keys[name].items or []) if name in keys else []
