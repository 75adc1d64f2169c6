"""How to measure on a noisy machine: CPU time, paired rounds, medians, and the spread beside every figure.

Contestants take turns within a round, so that what disturbs one disturbs the others; a ratio is taken within each
round and its median is reported with the lowest and the highest.
"""

from __future__ import annotations

import gc
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

Contest = dict[str, Callable[[], None]]


def cpu_seconds(work: Callable[[], None]) -> float:
    """CPU seconds of this process, all threads."""
    gc.collect()
    gc.disable()
    started = time.process_time()
    work()
    spent = time.process_time() - started
    gc.enable()
    return spent


def rounds(contest: Contest, *, times: int, number: int) -> dict[str, list[float]]:
    """Microseconds of CPU per unit for each contestant, one figure a round; `number` units a call of its function."""
    for work in contest.values():
        work()
    seen: dict[str, list[float]] = {name: [] for name in contest}
    for _ in range(times):
        for name, work in contest.items():
            seen[name].append(cpu_seconds(work) / number * 1e6)
    return seen


def report(title: str, seen: dict[str, list[float]], *, against: str, unit: str = "us") -> None:
    """Print each contestant's median and spread, and its ratio to `against`."""
    print(f"\n{title}")
    print(f"  {'':<34}{'median':>10} {unit:<3}{'low':>9}{'high':>9}   ratio (low-high)")
    for name, figures in seen.items():
        ratios = [mine / theirs for mine, theirs in zip(figures, seen[against], strict=True)]
        print(
            f"  {name:<34}{statistics.median(figures):>10.1f} {unit:<3}{min(figures):>9.1f}{max(figures):>9.1f}   "
            f"{statistics.median(ratios):.3f} ({min(ratios):.3f}-{max(ratios):.3f})"
        )


def versions(*packages: str) -> str:
    """What was measured, and on what."""
    found = []
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    return f"Python {platform.python_version()}, {', '.join(found)}"
