# Words: quickstart, lab, test, lint, widgets, compat, bench, soak, clean. PYTHON names the interpreter that makes .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.installed
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# What running a notebook takes, beside what its examples take.
NOTEBOOK := ipykernel jupyterlab nbclient nbformat
PACKAGING := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help quickstart lab test lint widgets widgets-check compat bench soak clean

help:
	@echo "make quickstart  run notebooks/quickstart.ipynb and print what it served"
	@echo "make lab         open it in JupyterLab (LAB_ARGS: its options, such as --no-browser)"
	@echo "make test        lint and tests"
	@echo "make lint        ruff, mypy, import-linter"
	@echo "make widgets     build the views' front end (needs Node.js and npm; the built one is in the repository)"
	@echo "make compat      run the programs of tests/programs against Ray Serve itself"
	@echo "make bench       measure against other systems; writes benchmarks/README.md"
	@echo "make soak        200,000 mixed requests, and then: does anything leak?"
	@echo "make clean       remove the environments and caches that the above made"

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; v = "%d.%d" % sys.version_info[:2]; sys.exit(0 if sys.version_info >= (3, 11) else "kernelserve needs Python 3.11 or newer, and $(PYTHON) is " + v + ". Name another: make PYTHON=python3.12 …")'
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/examples: $(STAMPS)/venv $(PACKAGING)
	@echo "Installing kernelserve and what its examples need (the first time about 1.5 GB) …"
	@$(PIP_INSTALL) -e '.[examples]' $(NOTEBOOK)
	@touch $@

$(STAMPS)/dev: $(STAMPS)/venv $(PACKAGING)
	@echo "Installing kernelserve and what its tests need (the first time about 1.5 GB) …"
	@$(PIP_INSTALL) -e '.[dev,examples]'
	@touch $@

quickstart: $(STAMPS)/examples
	@$(BIN)/python notebooks/run.py notebooks/quickstart.ipynb

lab: $(STAMPS)/examples
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/jupyter lab notebooks/quickstart.ipynb $(LAB_ARGS)

lint: $(STAMPS)/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

$(STAMPS)/node: widgets/package.json widgets/package-lock.json
	@echo "Installing what the front end is built with …"
	@cd widgets && npm ci --silent --no-audit --no-fund
	@mkdir -p $(STAMPS)
	@touch $@

widgets: $(STAMPS)/node
	@cd widgets && npm run --silent build

# Types, tests, and whether the built bundle in the repository is of these sources.
widgets-check: $(STAMPS)/node
	@cd widgets && npm run --silent check

test: lint
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory widgets-check; \
	else echo "npm is not installed: the front end's own tests are left out."; fi
	@$(BIN)/python -m compileall -q kernelserve # the tests start many processes: compile once, not in each
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS) # one process for what needs Ray, one for the rest

compat: $(STAMPS)/dev
	@$(BIN)/python tests/programs/compat.py

bench: $(STAMPS)/dev
	@$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

soak: $(STAMPS)/dev
	@$(BIN)/python -m benchmarks.soak $(SOAK_ARGS)

clean:
	rm -rf $(VENV) widgets/node_modules benchmarks/.venv-ray .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
