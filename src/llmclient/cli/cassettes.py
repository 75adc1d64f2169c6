"""`llmclient cassettes`: look at recordings, check them, clean them, compare them with the live APIs.

    ls        a row for each file: recordings, age, hosts, models, tokens, recorded cost, what the last run did not use
    show      the conversation of each recording
    lint      secrets, age, unreadable bodies, duplicates                           exit code 1: something was found
    scrub     rewrite without secrets; the old file is kept beside it as `.bak`
    verify    send the requests again and compare the shapes of the answers         exit code 1: something has changed
    convert   vcrpy's own files to the readable form; `--to vcrpy` for the way back
    to-script a script for `fakes/` out of a recording

Exit codes: 0 done, nothing found; 1 something was found, or it failed; 2 the command line cannot be understood. With
`--json` the output is one JSON document on standard output.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from llmclient.errors import LLMClientError
from llmclient.testing.cassettes.conversation import conversation, said_in
from llmclient.testing.cassettes.drift import send_live, verify
from llmclient.testing.cassettes.explain import counted, summary
from llmclient.testing.cassettes.inspection import age_in_days, tokens
from llmclient.testing.cassettes.lint import converted, lint, rewrite, scrubbed
from llmclient.testing.cassettes.matching import body_document
from llmclient.testing.cassettes.recording import as_fields, as_items
from llmclient.testing.cassettes.scrub import scrub_text
from llmclient.testing.cassettes.store import load_file, to_request
from llmclient.testing.cassettes.to_script import script_of

if TYPE_CHECKING:
    from llmclient.testing.cassettes.layout import Interaction

USAGE_CACHE = Path(".pytest_cache/v/llmclient/cassettes")
"""Where the pytest plugin leaves what the last run used, beneath the project's root."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (_, about) in ACTIONS.items():
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("paths", nargs="*", default=["cassettes"], help="files or folders; default: cassettes/")
        command.add_argument("--json", action="store_true", help="print one JSON document")
        if name in ("ls", "lint"):
            command.add_argument("--max-age", type=int, metavar="DAYS", help="recordings older than this are old")
        if name in ("scrub", "convert"):
            command.add_argument("--dry-run", action="store_true", help="change nothing, say what would change")
        if name == "convert":
            command.add_argument("--to", choices=("readable", "vcrpy"), default="readable", help="the form to write")
        if name == "to-script":
            command.add_argument("--output", type=Path, metavar="FILE", help="write here; default: standard output")


def run(args: argparse.Namespace) -> int:
    """Do the work; returns the exit code."""
    files = cassette_files(args.paths)
    if not files:
        print(f"no cassettes in {', '.join(args.paths)}", file=sys.stderr)
        return 1
    return ACTIONS[args.action][0](files, args)


def cassette_files(paths: Sequence[str]) -> list[Path]:
    """The cassettes among files and folders, sorted.

    Raises:
        LLMClientError: a path does not exist.
    """
    found: set[Path] = set()
    for path in map(Path, paths):
        if path.is_dir():
            found.update(file for pattern in ("*.yaml", "*.yml") for file in path.rglob(pattern))
        elif path.exists():
            found.add(path)
        else:
            raise LLMClientError(f"{path} does not exist; give a cassette or a folder of cassettes")
    return sorted(found)


def _ls(files: Sequence[Path], args: argparse.Namespace) -> int:
    usage = _last_usage()
    rows = [_row(path, usage) for path in files]
    if args.json:
        print(json.dumps(rows, indent=2))
        return 0
    heads = ("file", "recordings", "age", "hosts", "models", "tokens", "cost", "unused")
    _table(heads, [[_cell(row[head], head) for head in heads] for row in rows])
    return 0


def _row(path: Path, usage: dict[str, object]) -> dict[str, object]:
    interactions, _ = load_file(path)
    responses = [interaction["response"] for interaction in interactions]
    requests = [to_request(interaction) for interaction in interactions]
    bodies = [as_fields(body_document(request)) or {} for request in requests]
    used = as_fields(usage.get(str(path.resolve())))
    played = len(as_items(used.get("played"))) if used is not None else None
    spent = [cost for interaction in interactions if (cost := recorded_cost(interaction)) is not None]
    counts = [tokens(response) for response in responses]
    return {
        "file": str(path),
        "recordings": len(interactions),
        "age": age_in_days(responses),
        "hosts": sorted({urlsplit(request.uri).hostname or "" for request in requests}),
        "models": sorted({str(body["model"]) for body in bodies if "model" in body}),
        "tokens": sum(count.prompt + count.completion for count in counts),
        "cost": float(sum(spent)) if spent else None,
        "unused": None if played is None else len(interactions) - played,
    }


def recorded_cost(interaction: Interaction) -> Decimal | None:
    """US dollars that a recording cost: what the provider said, else by the price table; None without a price."""
    from llmclient.costs.calculate import calculate_cost

    used = tokens(interaction["response"])
    if used.cost is not None:
        return Decimal(str(used.cost))
    model = (as_fields(body_document(to_request(interaction))) or {}).get("model")
    if not isinstance(model, str) or not (used.prompt or used.completion):
        return None
    cost = calculate_cost(model, prompt_tokens=used.prompt, completion_tokens=used.completion)
    return cost.total if cost is not None else None


def _last_usage() -> dict[str, object]:
    try:
        return dict(as_fields(json.loads(USAGE_CACHE.read_text(encoding="utf-8"))) or {})
    except (OSError, ValueError):
        return {}


def _cell(value: object, head: str) -> str:
    if value is None:
        return "?"
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value))) or "-"
    return {"age": f"{value} d", "cost": f"${value:.6f}" if isinstance(value, float) else ""}.get(head) or str(value)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _show(files: Sequence[Path], args: argparse.Namespace) -> int:
    shown = [
        {"file": str(path), "recording": number, **_conversation(interaction)}
        for path in files
        for number, interaction in enumerate(load_file(path)[0], 1)
    ]
    if args.json:
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return 0
    for entry in shown:
        print(f"== {entry['file']}, recording {entry['recording']}: {entry['request']}")
        for line in as_items(entry["messages"]):
            fields = as_fields(line) or {}
            print(f"{fields['role']}: {fields['text']}")
        print(f"-> {entry['status']} {entry['answer']}\n")
    return 0


def _conversation(interaction: Interaction) -> dict[str, object]:
    request = to_request(interaction)
    said = said_in(interaction["response"])
    calls = "".join(f"\n→ {call.name}({call.arguments})" for call in said.calls)
    error = f"[error: {said.error}]" if said.error else ""
    ending = "" if said.end == "whole" else f" [{said.end}]"
    return {
        "request": summary(request),
        "messages": [
            {"role": line.role, "text": scrub_text(line.text)} for line in conversation(body_document(request))
        ],
        "status": said.status,
        "answer": scrub_text(f"{said.text}{calls}{error}{ending}".strip()),
    }


def _lint(files: Sequence[Path], args: argparse.Namespace) -> int:
    findings = [finding for path in files for finding in lint(path, max_age=args.max_age)]
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.message}")
        print(f"{counted(len(files), 'file')}, {counted(len(findings), 'finding')}")
    return 1 if findings else 0


def _scrub(files: Sequence[Path], args: argparse.Namespace) -> int:
    return _rewritten(files, args, scrubbed, backup=True)


def _convert(files: Sequence[Path], args: argparse.Namespace) -> int:
    return _rewritten(files, args, lambda path: converted(path, back=args.to == "vcrpy"), backup=False)


def _rewritten(files: Sequence[Path], args: argparse.Namespace, text_of: Callable[[Path], str], *, backup: bool) -> int:
    changed: list[str] = []
    for path in files:
        text = text_of(path)
        differs = path.read_text(encoding="utf-8") != text
        if differs and not args.dry_run:
            rewrite(path, text, backup=backup)
        changed += [str(path)] if differs else []
    if args.json:
        print(json.dumps({"files": len(files), "changed": changed, "written": not args.dry_run}, indent=2))
    else:
        for name in changed:
            print(f"{'would rewrite' if args.dry_run else 'rewrote'} {name}{' (old file: .bak)' if backup else ''}")
        print(f"{counted(len(files), 'file')}, {len(changed)} changed")
    return 0


def _verify(files: Sequence[Path], args: argparse.Namespace) -> int:
    found: list[dict[str, object]] = []
    for path in files:
        drifts = verify(load_file(path)[0], send_live)
        found.extend({"file": str(path), "recording": drift.recording, "change": drift.change} for drift in drifts)
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        for entry in found:
            print(f"{entry['file']}: recording {entry['recording']}: {entry['change']}")
        print(f"{counted(len(files), 'file')}, {counted(len(found), 'change')}")
    return 1 if found else 0


def _to_script(files: Sequence[Path], args: argparse.Namespace) -> int:
    interactions = [interaction for path in files for interaction in load_file(path)[0]]
    text = script_of(interactions, files[0].stem if len(files) == 1 else "recordings")
    if args.output is not None:
        args.output.write_text(text, encoding="utf-8")
        text = f"wrote {args.output}\n"
    print(json.dumps({"script": text}) if args.json else text, end="\n" if args.json else "")
    return 0


ACTIONS: dict[str, tuple[Callable[[Sequence[Path], argparse.Namespace], int], str]] = {
    "ls": (_ls, "list cassettes: recordings, age, hosts, models, tokens, recorded cost, unused"),
    "show": (_show, "show the conversation of each recording"),
    "lint": (_lint, "find secrets, old recordings, unreadable bodies, duplicates"),
    "scrub": (_scrub, "rewrite without secrets, and keep the old file as .bak"),
    "verify": (_verify, "send the requests again, and report how the shape of the answers has changed; needs keys"),
    "convert": (_convert, "rewrite vcrpy's files in the readable form, or back"),
    "to-script": (_to_script, "make a script for fakes/ out of recordings"),
}
"""Action -> what does it, and one line of help."""
