PORT ?= 8050
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check docs audit bench clean

run: .venv/run
	$(BIN)/visml serve --port $(PORT)

test: .venv/dev
	$(BIN)/python -m pytest -n auto --dist loadfile

check: .venv/dev docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The documentation as a site in site/, every link and anchor checked (with --quiet none would be).
docs: .venv/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Known vulnerabilities of everything installed, from osv.dev: needs the network.
audit: .venv/dev
	$(BIN)/pip-audit --vulnerability-service osv --strict --progress-spinner off

bench: .venv/bench
	$(BIN)/python -m benchmarks $(ROWS)

.venv/run: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/dev: .venv/run
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@

.venv/docs: .venv/dev
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[dev,docs]"
	touch $@

.venv/bench: .venv/dev
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[dev,bench]"
	touch $@

clean:
	rm -rf .venv site
