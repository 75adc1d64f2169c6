"""`python -m llmclient` is the `llmclient` command."""

from __future__ import annotations

import sys

from llmclient.cli.main import main

sys.exit(main())
