# The commands that people and CI run. `make demo` and `make test` need only Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
EXTRAS ?= dev
STAMP = $(VENV)/.installed

# Dozens of processes import the same modules here: where bytecode is not kept, each compiles them again, for minutes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test unit recorded check check-style check-mypy check-pyright check-public format docs bench clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e '.[$(EXTRAS)]'
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/llmclient demo

test: $(STAMP)
	$(BIN)/python -m pytest -n auto $(PYTEST_ARGS)

unit: $(STAMP)
	$(BIN)/python -m pytest -m unit -p no:recording -p no:syrupy -p no:anyio $(PYTEST_ARGS)

recorded: $(STAMP)
	$(BIN)/python -m pytest -m recorded $(PYTEST_ARGS)

check: check-style check-mypy check-pyright check-public

check-style: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check-mypy: $(STAMP)
	$(BIN)/mypy

check-pyright: $(STAMP)
	$(BIN)/pyright --pythonpath $(BIN)/python

check-public: $(STAMP)
	PATH="$(abspath $(BIN)):$$PATH" PYTHONPATH=src $(BIN)/pyright --ignoreexternal --verifytypes llmclient

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP)
	$(BIN)/python -m pip install --quiet -e '.[docs]'
	$(BIN)/mkdocs build --strict

bench: $(STAMP)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .venv-* build dist site .coverage .mypy_cache .pytest_cache .ruff_cache
