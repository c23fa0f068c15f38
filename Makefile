# The list of commands. Each installs what it needs by itself; a second time that takes no time.
PYTHON ?= python3
BIN := .venv/bin
PIP := PYTHONWARNINGS=ignore $(BIN)/python -m pip -qq --disable-pip-version-check
NO_CUDA := --constraint constraints/no-cuda.txt
CPU := --extra-index-url https://download.pytorch.org/whl/cpu
STAMP := .venv/.installed
STAMP_TEST := .venv/.installed-for-tests

.PHONY: help run setup setup-test test check format bench migrate migration clean rasa
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 18

run: setup  ## migrate, load the demo brand, start server and simulator, print where to chat
	@$(BIN)/replydesk demo

setup: $(STAMP)  ## only install

$(STAMP): pyproject.toml constraints/no-cuda.txt
	@$(PYTHON) -c 'import sys; sys.exit("replydesk needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; say which: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (a few minutes the first time) …"
	@$(PIP) install --upgrade pip
	@$(PIP) install $(NO_CUDA) --editable .
	@$(PIP) install --retries 1 $(NO_CUDA) $(CPU) torch==2.13.0 && $(PIP) install $(NO_CUDA) --editable '.[model]' \
	  || echo "PyTorch (CPU) could not be installed: replydesk runs without an embedding model, by words alone. See docs/operations.md."
	@touch $@

setup-test: $(STAMP_TEST) rasa  ## what the tests need besides, Chromium included

$(STAMP_TEST): $(STAMP)
	@echo "Installing what the tests need …"
	@$(PIP) install $(NO_CUDA) --editable '.[dev]'
	@test -x /usr/bin/chromium || $(BIN)/python tests/install_chromium.py
	@touch $@

check: setup-test  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## everything CI runs
	$(BIN)/pytest --numprocesses 2 --dist loadfile

format: setup-test  ## tidy up
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-test  ## speed, as ratios in one run
	$(BIN)/python -m bench.pipeline

migrate: setup  ## bring the database to the newest schema
	@$(BIN)/replydesk db upgrade

migration: setup-test  ## write the next migration: make migration MESSAGE="Add …"
	$(BIN)/python -m bot.migrations "$(MESSAGE)"

rasa: .cache/rasa/venv/.installed  ## Rasa's own environment (Python 3.10), for `nlu rasa train` and its tests

.cache/rasa/venv/.installed: nlu/rasa/requirements.txt
	@$(PYTHON) nlu/rasa/installing.py

clean:  ## remove what was installed and cached; data stays
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
