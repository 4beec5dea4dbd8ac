# Everything here sets up what it needs: a .venv with the pinned packages. Python >= 3.11, git and make suffice.
PYTHON ?= python3
VENV := .venv
PYTHON_IN_VENV := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
unexport PYTHONDONTWRITEBYTECODE  # imports are most of a small stage's time; compiled ones are much quicker
unexport PYTHONPATH

.DEFAULT_GOAL := help

help:  ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run  ## the graph: data, models, evidence; ends with what was found (SYNC=1: pull before, push after)
	@python -m ops.check_environment || true
ifeq ($(SYNC),1)
	@python -m ops.sync run -- sh -c 'python -m ops.check_params && dvc repro' || { code=$$?; \
	  test $$code -ne 3 || { python -m ops.summary; echo "this is the whole result, but not every remote has it"; }; exit $$code; }
else
	@python -m ops.check_params
	dvc repro
endif
	@python -m ops.mirror || true
	@python -m ops.summary

exp: $(VENV)/.run  ## an experiment: make exp ARGS='-S model=xgb'
	@python -m ops.check_params
	dvc exp run $(ARGS)
	@python -m ops.mirror || true

test: $(VENV)/.test  ## all tests, with the real DVC too (some minutes)
	@python -m ops.check_environment requirements.txt requirements-dev.txt || true
	python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-quick: $(VENV)/.test  ## the tests that end within a minute
	python -m pytest -n 2 --dist loadfile -m "not graph and not slow"

lint: $(VENV)/.test  ## style, and whether dvc.lock matches code and params
	ruff check .
	ruff format --check .
	python -m ops.check_params
	@dvc repro --allow-missing --dry | tee $(VENV)/.dry | grep 'up to date' \
	  || { cat $(VENV)/.dry; echo "expected dvc.lock to match code and params: run dvc repro and commit"; exit 1; }

reproduce: $(VENV)/.run  ## rerun the committed state in a fresh clone and compare
	python -m ops.verify_reproduction

exp-show: $(VENV)/.run  ## experiments, headline columns only
	@test -t 1 || export COLUMNS=$${COLUMNS:-160}; dvc exp show --no-pager --hide-failed --only-changed --keep '^($(HEADLINE))$$' --drop '^(?!($(HEADLINE)|train[.].*)$$)'
	@dvc queue status | awk '$$NF == "Failed" { print $$1 }' | while read task; do \
	  echo "failed, so not shown: $$task; what it said: dvc queue logs $$task"; python -m ops.check_params $$task 2>&1 || true; done

validate: $(VENV)/.run  ## nested cross-validation of the whole procedure (a quarter of an hour)
	python -m ops.validate

examples: $(VENV)/.test  ## the commands of docs/experiments.md and decisions.md, run anew and compared (ten minutes)
	python -m tests.examples

mirror: $(VENV)/.run  ## every run to MLflow
	python -m ops.mirror

mlflow: $(VENV)/.run  ## MLflow's pages, with every run as it comes (PORT=5000)
	python -m ops.mirror --ui --port $(or $(PORT),5000)

bench: $(VENV)/.test  ## time and memory of every stage and command (ROWS=1000000: of a table of so many rows; TABLES=FOLDER: of those in it)
	python -m ops.bench $(if $(ROWS),--parts ingest large --rows $(ROWS)) $(if $(TABLES),--tables $(TABLES))

lock: $(VENV)/.test  ## resolve requirements*.in anew
	pip install --quiet uv
	uv pip compile $(RESOLVE) requirements.in -o requirements.txt
	uv pip compile $(RESOLVE) requirements-dev.in -o requirements-dev.txt
	uv pip compile $(RESOLVE) ops/mlflow_server/requirements.in -o ops/mlflow_server/requirements.txt

# Columns of the short view: these always, hyperparameters where experiments differ in them, no others.
HEADLINE := Experiment|estimator|auc|brier|cost|threshold|model
RESOLVE := --universal --fork-strategy fewest --python-version 3.11 --no-annotate --no-header --quiet --upgrade \
  --no-emit-index-url --no-emit-find-links

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "expected Python >= 3.11, got $$($(PYTHON) --version); name another: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	@touch $@

.PHONY: help run exp test test-quick lint reproduce exp-show validate examples mirror mlflow bench lock
