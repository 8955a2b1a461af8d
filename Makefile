# The short door. `make run` and `make test` do all the set-up they need.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MEMBERS := core backends evaluators stages $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
N ?= 20
KILLS ?= 100

.PHONY: help install run test test-all check docs bench bench-data bench-evaluators bench-gpu bench-kill bench-memory bench-train clean

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(STAMP) ## A virtual environment with everything, in .venv

$(STAMP): constraints.txt requirements-dev.txt $(MEMBERS:%=%/pyproject.toml)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt -r requirements-dev.txt $(MEMBERS:%=-e ./%) -e './stages[gguf,mlx]'
	@{ command -v npm > /dev/null && $(BIN)/stagerun toolchains install typescript; } || echo 'TypeScript cannot be judged: npm is missing or could not install (later: stagerun toolchains install)'
	touch $@

run: $(STAMP) ## The whole tui graph on a tiny model, on this machine's CPU
	OMP_NUM_THREADS=1 $(BIN)/stagerun run pipelines.toml:tui --profile tiny # matrices so small that threads only wait

test: $(STAMP) ## Every test that runs in seconds to a minute
	$(BIN)/pytest -m "not slow and not gpu"

test-all: $(STAMP) ## Also the slow ones
	$(BIN)/pytest -m "not gpu"

check: $(STAMP) ## Style, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(MEMBERS:%=%/src) benchmarks
	$(BIN)/lint-imports

docs: $(STAMP) ## Run the examples in the documentation and check its links
	$(BIN)/pytest tests/docs

bench: $(STAMP) ## Start-up and up-to-date runs beside doit, Snakemake, DVC and make
	$(BIN)/python -m benchmarks.engine

bench-data: $(STAMP) ## Tokens, labels and packed rows beside TRL's own ways
	$(BIN)/python -m benchmarks.data

bench-evaluators: $(STAMP) ## Judging beside a script, isolation beside its peers, verdicts warm and cold
	$(BIN)/stagerun toolchains install
	$(BIN)/python -m benchmarks.evaluators

bench-memory: $(STAMP) ## The estimate of memory beside what training takes, to the byte
	$(BIN)/python -m benchmarks.memory

bench-gpu: $(STAMP) ## On an NVIDIA GPU: tokens a second beside bare TRL, memory beside its estimate, proofs on long rows
	$(BIN)/python -m benchmarks.gpu

bench-kill: $(STAMP) ## N random kills over the tiny graph, then one plain rerun, compared byte for byte: make bench-kill N=20
	$(BIN)/python -m benchmarks.kill --kills $(N)

bench-train: $(STAMP) ## Step time beside bare TRL, random kills and damaged checkpoints: make bench-train KILLS=100
	$(BIN)/python -m benchmarks.train --kills $(KILLS)

clean: ## Remove what can be made again: the environment, caches, runs
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache runs
