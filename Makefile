# Two commands do everything: `make run` and `make test`. The others are for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers

.PHONY: run test check fmt lint types imports kernel bench chaos fuzz snap-update install clean

run: install
	@$(BIN)/imc-cockpit

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found; install Python 3.11 or newer, or say make PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: Python 3.11 or newer is needed; say make PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@echo "installing (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev -e .
	@touch $(STAMP)

# The tests start hundreds of processes: each would translate all sources again.
unexport PYTHONDONTWRITEBYTECODE

test: install
	@$(BIN)/python -m compileall -q core cockpit
	@$(BIN)/pytest -q -n 3 --dist loadgroup

check: lint types imports

fmt: install
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: install
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/codespell core cockpit config tests docs README.md CHANGELOG.md

types: install
	@$(BIN)/mypy

imports: install
	@$(BIN)/lint-imports

kernel: install
	@NUMBA_DISABLE_JIT=1 $(BIN)/coverage run --source=core/kernel -m pytest -q tests/unit/kernel tests/property/test_kernel.py tests/property/test_matching.py tests/property/test_simulation.py
	@$(BIN)/coverage report

fuzz: install
	@$(BIN)/python -m tests.fuzz $(if $(CASES),--cases $(CASES)) $(if $(ONLY),--only $(ONLY)) $(if $(SEED),--seed $(SEED))

bench: install
	@test -e $(PEERS) || { $(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary -c constraints.txt --group bench && touch $(PEERS); } || echo "make: the peers to compare with cannot be had here; everything else is measured"
	@$(BIN)/python -m tests.perf $(if $(ONLY),--only $(ONLY))

chaos: install
	@$(BIN)/python -m tests.chaos --seeds $(or $(SEEDS),500)

snap-update: install
	@$(BIN)/pytest -q tests/snapshot --snapshot-update

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache build dist
