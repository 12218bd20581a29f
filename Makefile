# `make run` and `make test` are all anybody needs; `make help` lists the rest.
SHELL := /bin/sh
PYTHON ?= python3
WORLD ?= sample
BIN := .venv/bin
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help run test check conformance contracts reset format lock artifacts vendor translations reference pictures

help: ## list the habits
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/run ## set up what is missing and run the hub until Ctrl-C; WORLD=own runs an empty one beside it
	@FURROW_WORLD=$(WORLD) exec $(BIN)/python -m hub.local

test: .venv/test node_modules/.package-lock.json check contracts ## set up what is missing and pass every test
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/test ## the checks that need no server
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/djlint --check --quiet templates
	$(BIN)/mypy
	$(BIN)/python -m tools.squawk
	$(BIN)/lint-imports --no-cache

contracts: .venv/slither node_modules/.package-lock.json ## the checks of the contracts: how they are written, and what slither finds
	$(BIN)/python -m tools.slither $(CURDIR)/.venv/slither/bin/slither

conformance: .venv/run ## judge the EPCIS 2.0 repository at URL=…, clause by clause; TOKEN=… is who asks, ASK='…' more arguments
	@$(BIN)/python -m conformance '$(URL)' $(if $(TOKEN),--token '$(TOKEN)') $(ASK)

reset: ## forget this checkout's sample world; WORLD=own forgets the hub of one's own instead
	@if [ -x $(BIN)/python ]; then FURROW_WORLD=$(WORLD) $(BIN)/python -m hub.local.reset; fi

format: .venv/test ## put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url
lock: .venv/test ## write the two lists of pinned requirements anew from pyproject.toml; what is pinned stays
	$(LOCK) pyproject.toml --all-extras -o requirements.lock
	$(LOCK) pyproject.toml --all-extras --group test -o requirements-test.lock
	$(LOCK) contracts/slither.in -o contracts/slither.lock

artifacts: .venv/test node_modules/.package-lock.json ## compile the contracts again
	$(BIN)/python -m tools.contracts --build

vendor: node_modules/.package-lock.json ## copy what browsers need from npm into static/vendor
	$(BIN)/python -m tools.vendor

translations: .venv/run ## bring the Chinese catalogue up to date and name what waits for a translation
	$(BIN)/python -m hub.web.catalogue

reference: .venv/test ## write the pages of docs/reference that follow from the code
	$(BIN)/python -m tests.reference

pictures: .venv/test node_modules/.package-lock.json ## take the guides' pictures of the sample world that runs now
	$(BIN)/python -m tests.pictures

.venv/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Furrow needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	@touch $@

# The node is built beside everything else, from the first moment; `make run` waits for it.
.venv/run: requirements.lock | .venv/python
	@$(BIN)/python -m chain_node.build > .venv/build.log 2>&1 &
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/$(BIN)/python" -m hub.cli "$$@"\n' "$(CURDIR)" "$(CURDIR)" > $(BIN)/furrow
	@chmod +x $(BIN)/furrow
	@touch $@

.venv/test: requirements-test.lock .venv/run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# slither asks for an older web3 than ours.
.venv/slither: contracts/slither.lock | .venv/test
	$(BIN)/python -m venv .venv/slither
	.venv/slither/bin/pip install --quiet --disable-pip-version-check --require-hashes -r contracts/slither.lock
	@touch $@

# Node from PATH, else the one that came with the test requirements.
node_modules/.package-lock.json: package-lock.json .venv/test
	$(BIN)/python -m tools.npm ci
	@touch $@
