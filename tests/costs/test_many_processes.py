"""Sixteen processes refresh and read one cache directory while its file is damaged: all read good prices."""

from __future__ import annotations

import json
import subprocess
import sys

WORKER = """
import json, logging, random, sys
from llmclient.costs import CostDatabase, Fetched, get_cost_database, refresh_cost_data
from llmclient.costs.disk import cache_path
logging.disable()
draw = random.Random(int(sys.argv[1]))
seen = set()
for _ in range(40):
    act = draw.random()
    if act < 0.03:
        rows = {name: dict(row) for name, row in get_cost_database().table.rows().items()}
        rows["gpt-4o"]["input_cost_per_token"] = draw.choice((2e-6, 3e-6, 4e-6))
        body = json.dumps(rows).encode()
        refresh_cost_data(force=True, fetcher=lambda url, etag: Fetched(body=body))
    elif act < 0.3:
        try:
            with open(cache_path(), "r+b") as file:
                if act < 0.2:
                    file.truncate(draw.randrange(140_000))
                else:
                    file.seek(draw.randrange(140_000))
                    file.write(draw.randbytes(40))
        except FileNotFoundError:
            pass
    else:
        database = CostDatabase()
        price = database.find("openai/gpt-4o").row["input_cost_per_token"]
        assert len(database.table.first) > 200
        seen.add((database.table.origin, price))
print(json.dumps(sorted(seen)))
"""


def test_every_reader_gets_a_valid_table(cache_directory):
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for seed in range(16)
    ]
    outputs = [worker.communicate() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 16, [err.decode()[-400:] for _, err in outputs]
    seen = {tuple(pair) for out, _ in outputs for pair in json.loads(out)}
    assert seen <= {("embedded", 2.5e-6), ("disk", 2e-6), ("disk", 3e-6), ("disk", 4e-6)}
    assert len({origin for origin, _ in seen}) == 2
    assert [path.name for path in cache_directory.iterdir()] == ["prices-2.bin"]
