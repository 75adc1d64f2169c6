"""The copy of the price table on disk: one file, replaced as a whole, read by any number of processes.

A writer fills a file of its own beside the old one and renames it over, so a reader sees the old table or the new one.
Whatever damages the file later (a full disk, a cut copy) is found by its checksum: it is then ignored with a warning,
and replaced by the next refresh. Paths are text here, and rare imports late: a process's first lookup reads this.
"""

from __future__ import annotations

import os
import sys
from typing import Final

from llmclient.costs.rows import CorruptTableError, PriceTable, pack, unpack

DIRECTORY_VARIABLE: Final = "LLMCLIENT_CACHE_DIR"
FILE_NAME: Final = "prices-2.bin"


def cache_path() -> str:
    """The file, in `LLMCLIENT_CACHE_DIR` or else in the user's cache directory."""
    directory = os.environ.get(DIRECTORY_VARIABLE) or _user_directory()
    return os.path.join(directory, FILE_NAME)  # noqa: PTH118 - pathlib takes 4 ms of the first lookup's 15


def _user_directory() -> str:
    if sys.platform == "linux" and "ANDROID_DATA" not in os.environ:
        # The XDG base directory specification, as platformdirs follows it; importing that would take 8 ms.
        root = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")  # noqa: PTH111 - as above
        return os.path.join(root, "llmclient")  # noqa: PTH118 - as above
    from platformdirs import user_cache_dir

    return user_cache_dir("llmclient", appauthor=False)


def read_table(path: str) -> PriceTable | None:
    """The table on disk; None where there is none, or it is damaged, or may not be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            return unpack(file.read(), origin="disk")
    except FileNotFoundError:
        return None
    except (OSError, CorruptTableError) as error:
        _warn("ignoring the price table in %s: %s; a refresh replaces it", path, error)
        return None


def write_table(path: str, table: PriceTable) -> bool:
    """Put a table in the place of the one on disk; False, with a warning, where that cannot be done."""
    from pathlib import Path
    from tempfile import NamedTemporaryFile

    target = Path(path)
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=target.parent, prefix=target.name, suffix=".tmp", delete=False) as file:
            temporary = Path(file.name)
            file.write(pack(table))
        temporary.replace(target)
    except OSError as error:
        _warn("cannot keep the price table in %s: %s", path, error)
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        return False
    return True


def _warn(message: str, path: str, error: Exception) -> None:
    import logging  # as a rule there is nothing to say

    logging.getLogger("llmclient.costs").warning(message, path, error)
