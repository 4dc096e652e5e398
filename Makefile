# Needs make and Python 3.11 or newer; everything else goes into .venv, at the versions of constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
# A file's tests stay on one worker: a Prefect server or a filled ledger serves them all; some files mostly wait, hence two
# workers more than there are cores. WORKERS= runs them in a row.
CORES := $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 7 ? n + 2 : 8)))
WORKERS ?= -n $(CORES) --dist loadfile --no-loadscope-reorder
# Tests kill processes, never the machine: where memory serves as a disk nothing waits for a real one.
MEMORY := $(shell test "$$(df -Pk /dev/shm 2>/dev/null | awk 'END {print int($$4 / 1048576)}')" -ge 6 2>/dev/null && echo /dev/shm)

# Each command is a process of its own, and compiles the whole program anew where none may keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo demo-page test test-long check bench house reference format constraints clean

help:
	@echo "make demo       the whole path on reports that ship with it, no network"
	@echo "make demo-page  the same, then the review page on it in a browser"
	@echo "make test       the tests (some eleven minutes on two cores)"
	@echo "make test-long  the tests that take longer: real data, killing"
	@echo "make check      ruff, mypy --strict, import rules"
	@echo "make bench      the benchmarks"
	@echo "make house      what is long, branched or named twice, by folder"
	@echo "make reference  docs/reference/definition.md and the editors' schema, from model/source.py"
	@echo "make format     let ruff lay out the code"

# What is never imported is never compiled: that takes half of the time of an installation.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Tallybook needs Python 3.11 or newer, PYTHON=... names one" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --no-compile --constraint constraints.txt hatchling editables
	$(PIP) install --no-compile --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

demo: $(READY)
	@$(BIN)/tallybook demo --folder var/demo

# The same, and then the review page on it until Ctrl-C.
demo-page: $(READY)
	@$(BIN)/tallybook demo --folder var/demo --serve

test: $(READY)
	$(if $(MEMORY),TMPDIR=$(MEMORY)) $(PYTEST) $(WORKERS) -m 'not long'

test-long: $(READY)
	$(PYTEST) -m long

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks

house: $(READY)
	$(BIN)/python -m benchmarks.house

# What a definition may say, from the texts below the fields in model/source.py.
reference: $(READY)
	$(BIN)/python -m sources.catalogue.reference

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Takes the newest versions that pyproject.toml allows, in an environment of its own; run the tests before committing it.
constraints:
	rm -rf $(VENV)/new && $(PYTHON) -m venv $(VENV)/new
	$(VENV)/new/bin/python -m pip --quiet install hatchling editables
	$(VENV)/new/bin/python -m pip --quiet install --no-build-isolation --editable '.[dev,fuzz,s3]'
	head -n 1 constraints.txt > constraints.new
	$(VENV)/new/bin/python -m pip freeze --exclude-editable >> constraints.new
	mv constraints.new constraints.txt && rm -rf $(VENV)/new

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
