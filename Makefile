# Two commands for a new user: `make demo` and `make test`. What they need, they make in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types contracts pictures snapshots bench fuzz soak clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: $(VENV)/installed ## Open the console on the demo lab, with the server running
	$(BIN)/estconsole demo

test: $(VENV)/installed-dev ## Run every test, on every core
	$(BIN)/pytest -n auto --dist worksteal

check: format lint types contracts test ## Everything that must hold before a commit lands

format: $(VENV)/installed-dev ## Is the code formatted?
	$(BIN)/ruff format --check .

lint: $(VENV)/installed-dev ## Does the linter have nothing to say?
	$(BIN)/ruff check .

types: $(VENV)/installed-dev ## Do the types hold?
	$(BIN)/mypy

contracts: $(VENV)/installed-dev ## Do the layers hold?
	$(BIN)/lint-imports

pictures: $(VENV)/installed-dev ## Draw the README's pictures of the console anew
	$(BIN)/python -m tests.pictures docs

snapshots: $(VENV)/installed-dev ## Accept the screens as they look now
	UPDATE_SNAPSHOTS=1 $(BIN)/pytest tests/screens/test_snapshots.py

bench: $(VENV)/installed-dev ## Measure enrollments a second, and the store at size
	$(BIN)/python -m tests.benchmarks

fuzz: $(VENV)/installed-dev ## Draw other examples for the property tests, ROUNDS times over (20)
	for round in $$(seq $(or $(ROUNDS),20)); do $(BIN)/pytest -q -m hypothesis --hypothesis-profile fuzz || exit; done

soak: $(VENV)/installed-dev ## Kill and restart a serving console many times over; minutes long
	$(BIN)/pytest tests/soak/kill_many_times.py --timeout 900

clean: ## Remove what was made here
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'estconsole needs Python 3.11 or newer: make PYTHON=python3.12 …'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/installed
