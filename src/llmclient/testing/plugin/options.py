"""The plugin's options: each on the command line and in the configuration file, under one name; a row each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import pytest

if TYPE_CHECKING:
    from llmclient.testing.call import Door


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        name: of the ini key; on the command line with dashes.
        kind: what its value is.
        default: the value where it is given nowhere.
        help: what it does.
        choices: the texts that are allowed; empty for any.
    """

    name: str
    kind: Literal["bool", "string"]
    default: object
    help: str
    choices: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """How the command line calls it."""
        return f"--{self.name.replace('_', '-')}"


OPTIONS: tuple[Option, ...] = (
    Option("llm_live", "bool", default=False, help="run tests marked llm_live, which ask real providers"),
    Option(
        "llm_door",
        "string",
        default="provider",
        help="where scripted calls come in: provider (no SDK), transport (real SDK, no network), server (a socket)",
        choices=("provider", "transport", "server"),
    ),
    Option("llm_strict", "bool", default=True, help="unused turns, and hidden calls without a turn, fail the test"),
    Option("llm_seed", "string", default="0", help="seed of ids, llm.auto() and llm.chaos()"),
    Option("llm_report", "string", default="", help="file for a line of JSON about every call"),
    Option("llm_max_cost", "string", default="", help="US dollars that the suite's calls may cost at live prices"),
    Option("llm_fakes", "string", default="fakes", help="folder of script files, from the root"),
    Option("llm_as_litellm", "bool", default=False, help="'import litellm' gives llmclient.compat.litellm"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options as they came out."""

    live: bool
    door: Door
    strict: bool
    seed: str
    report: Path | None
    max_cost: float | None
    fakes: Path
    as_litellm: bool


SETTINGS: pytest.StashKey[Settings] = pytest.StashKey()


def add_options(parser: pytest.Parser) -> None:
    """Declare them."""
    group = parser.getgroup("llm", "language models (llmclient.testing)")
    for option in OPTIONS:
        parser.addini(option.name, option.help, default=None)
        if option.kind == "bool":
            group.addoption(option.flag, action="store_true", default=None, dest=option.name, help=option.help)
            if option.default:
                off = f"--no-{option.flag.removeprefix('--')}"
                group.addoption(off, action="store_false", dest=option.name, help=f"the opposite of {option.flag}")
        else:
            choices = option.choices or None
            metavar = None if choices else option.name.rpartition("_")[2].upper()
            group.addoption(
                option.flag, default=None, dest=option.name, choices=choices, metavar=metavar, help=option.help
            )


def read_settings(config: pytest.Config) -> Settings:
    """The command line's value, else the configuration file's, else the default.

    Raises:
        pytest.UsageError: a value that an option does not take.
    """
    values = {option.name: _value(config, option) for option in OPTIONS}
    config.option.llm_strict = values["llm_strict"]
    report, cost = str(values["llm_report"]), str(values["llm_max_cost"])
    max_cost = _dollars(cost) if cost else None
    if report and (config.invocation_params.dir / report).is_dir():
        raise pytest.UsageError(f"llm_report is a file to be written, such as calls.jsonl, and {report!r} is a folder")
    return Settings(
        live=bool(values["llm_live"]),
        door=cast("Door", values["llm_door"]),
        strict=bool(values["llm_strict"]),
        seed=str(values["llm_seed"]),
        report=(config.invocation_params.dir / report) if report else None,
        max_cost=max_cost,
        fakes=config.rootpath / str(values["llm_fakes"]),
        as_litellm=bool(values["llm_as_litellm"]),
    )


def _dollars(text: str) -> float:
    try:
        dollars = float(text.removeprefix("$"))
    except ValueError:
        dollars = -1.0
    if not 0 <= dollars < math.inf:
        raise pytest.UsageError(f"llm_max_cost is a number of US dollars, such as 0.50, not {text!r}")
    return dollars


def wants_litellm(config: pytest.Config) -> bool:
    """Whether `llm_as_litellm` is on; also before the command line is fully read."""
    option = next(option for option in OPTIONS if option.name == "llm_as_litellm")
    early: object = getattr(config.known_args_namespace, option.name, None)
    return bool(early or _value(config, option))


_YES_NO: Mapping[str, bool] = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _value(config: pytest.Config, option: Option) -> object:
    given: object = config.getoption(option.name)
    if given is not None:
        return given
    written = config.getini(option.name)
    if written is None or written == "":
        return option.default
    if option.kind == "bool":
        found = written if isinstance(written, bool) else _YES_NO.get(str(written).strip().lower())
        if found is None:
            raise pytest.UsageError(f"{option.name} is true or false, not {written!r}")
        return found
    if option.choices and written not in option.choices:
        raise pytest.UsageError(f"{option.name} is one of {', '.join(option.choices)}, not {written!r}")
    return written
