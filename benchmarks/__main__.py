"""Runs every measurement, one process after another: `make bench`, or `python -m benchmarks client imports`."""

from __future__ import annotations

import subprocess
import sys

ALL = ("imports", "client", "routing", "harness", "cassettes", "costs", "embeddings")

for name in sys.argv[1:] or ALL:
    print(f"\n=== {name} ===", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
