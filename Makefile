# Run `make help` for what each target does.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet
TESTS ?=
WORKERS ?= 2
MINUTES ?= 60

.PHONY: help demo test run assets lint bench bench-portal campaign lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMPS)/run ## install into .venv and show the whole thing: hires from event to open accounts, in under a minute
	@bash .ci/assets.sh --if-possible
	@$(BIN)/idm demo

test: $(STAMPS)/test ## install test tools and servers (Debian, as root), then lint, all tests, and the coverage gate
	@bash .ci/test.sh "$(WORKERS)" $(TESTS)

run: $(STAMPS)/run ## start idm on this folder's installation (IDM_HOME, default ./var; made if it isn't there)
	@bash .ci/assets.sh --if-possible
	@[ -e "$${IDM_HOME:-var}" ] || $(BIN)/idm init
	@exec $(BIN)/idm serve

assets: ## fetch what the pages take from npm: htmx, a font, icons (they work without, plainer)
	@bash .ci/assets.sh

pictures: $(STAMPS)/test ## take every page as a picture into .build/pictures, and those that the guides show into docs/pictures
	@bash .ci/servers.sh
	@bash .ci/assets.sh --if-possible
	@$(BIN)/python -m tests.pictures

lint: $(STAMPS)/test ## check style, types and the import contracts
	@bash .ci/lint.sh

bench: $(STAMPS)/test ## measure hires per second and CPU per hire on PostgreSQL and RabbitMQ beside a bare loop
	@bash .ci/servers.sh
	@$(BIN)/python -m tests.bench

bench-portal: $(STAMPS)/test ## measure the portal's lists and case page with a hundred cases and with a hundred thousand
	@bash .ci/servers.sh
	@$(BIN)/python -m tests.bench.portal

campaign: $(STAMPS)/test ## the long run: every fault point on both databases, repeated deliveries; resumes where it stopped
	@bash .ci/servers.sh
	@$(BIN)/python -m tests.campaign
	@$(BIN)/python -m tests.campaign.authority
	@$(BIN)/python -m tests.campaign.departures --minutes $(MINUTES)

lock: $(VENV)/bin/python ## make requirements/*.txt anew from pyproject.toml and requirements/*.in
	@bash .ci/lock.sh

clean: ## remove what was built and installed here (installations in var/ stay)
	@rm -rf $(VENV) .build build dist idm/web/vendor .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@bash .ci/venv.sh "$(PYTHON)" "$(VENV)"

$(STAMPS)/run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what idm needs into $(VENV)"
	@$(PIP) --require-hashes --requirement requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --no-index --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/run
	@echo "Installing what the tests need into $(VENV)"
	@$(PIP) --require-hashes --requirement requirements/test.txt
	@mkdir -p $(STAMPS) && touch $@
