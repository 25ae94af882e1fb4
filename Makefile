# Two commands do everything on a machine that has only Python and make:
#   make sweep   sets up and runs the main job, a RePr hyperparameter sweep on shipped data
#   make test    sets up and runs lint, types and tests
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup sweep ui test lint types tests clean

help:
	@sed -n '2,3s/^# *//p' Makefile

# A Python that is too old is refused before anything is made, and an environment of one is made again.
NEW_ENOUGH = import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, got %d.%d; \
name one: make PYTHON=python3.12 $(MAKECMDGOALS)" % sys.version_info[:2])

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c '$(NEW_ENOUGH)'
	@$(BIN)/python -c '$(NEW_ENOUGH)' 2>/dev/null || rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,demo]'
	@touch $@

setup: $(VENV)/.installed

sweep: setup
	$(BIN)/thesis sweep repr --search half --controls

ui: setup
	$(BIN)/thesis ui

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

types: setup
	$(BIN)/mypy

# Tests that start a Ray use every core by themselves; the others share the cores.
tests: setup
	$(BIN)/pytest -q -n auto -m "not ray and not slow and not gpu and not parity"
	$(BIN)/pytest -q -m "ray and not slow and not gpu and not parity"

test: lint types tests

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
