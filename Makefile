# The only interface: a person and CI type the same words. Everything here may be repeated; what is done is not redone.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PATH := $(CURDIR)/.local/uv/bin:$(PATH)
export PYTHONUNBUFFERED := 1
comma := ,
# Sockets to ourselves must not take a company proxy.
export NO_PROXY := 127.0.0.1,localhost$(if $(NO_PROXY),$(comma)$(NO_PROXY))
export no_proxy := $(NO_PROXY)

PYTHON := .venv/bin/python
CDK := node_modules/.bin/cdk
# The same word everywhere: KALLGLOT_ENGINES=scripted make run
ENGINES := $(if $(KALLGLOT_ENGINES),-c engines=$(KALLGLOT_ENGINES))
STAMPS := .local/stamps
CONSOLE_SOURCES := console/index.html console/vite.config.mjs console/tsconfig.json $(shell find console/src -type f)
MODEL_SOURCES := $(shell find media_worker/engines/embedded -name '*.py' -o -name '*.txt')

.PHONY: help setup demo run key organization terms connection test test-unit test-console test-browser test-sip test-contract test-infrastructure test-integration \
        check format reference synth deploy publish models bench bench-engines bench-peers clean test-conformance deploy-local iac

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Using it

setup: $(STAMPS)/packages .venv/.synced node_modules/.installed $(STAMPS)/page $(STAMPS)/console $(STAMPS)/models  ## install whatever this machine lacks

demo: setup  ## hear one translated call, from nothing to the recording
	@$(PYTHON) -m local.demo $(ARGS)

run: setup  ## keep the whole stack up on this machine; Ctrl-C ends it
	@$(PYTHON) -m local.run $(ARGS)

deploy: .venv/.synced node_modules/.installed $(STAMPS)/page $(STAMPS)/console  ## deploy into the AWS account of the environment (ARGS="-c key=value")
	$(CDK) deploy --all --outputs-file .local/deployed.json $(ENGINES) $(ARGS)
	@$(PYTHON) -m local.publish --deployed .local/deployed.json

publish: .venv/.synced $(STAMPS)/console  ## put the console where the edge of a deployment shows it (ARGS="--prefix kallglot-prod")
	@$(PYTHON) -m local.publish $(ARGS)

key: .venv/.synced  ## issue an API key there (ARGS="--organization org_acme --live")
	@$(PYTHON) -m local.key $(ARGS)

organization: .venv/.synced  ## set up an organization there, or show it (ARGS="--id org_acme --max-sessions 50")
	@$(PYTHON) -m local.organization $(ARGS)

terms: .venv/.synced  ## what an organization there calls things (ARGS="--organization org_acme --glossary terms.csv")
	@$(PYTHON) -m local.terms $(ARGS)

connection: .venv/.synced  ## connect an organization to Twilio or Telnyx (ARGS="--organization org_acme --carrier twilio")
	@$(PYTHON) -m local.connection $(ARGS)

## Working on it

test: setup $(STAMPS)/browser $(STAMPS)/telephones  ## every suite; the last line is the sum
	@$(PYTHON) -m local.suites unit contract integration --beside=infrastructure,console

test-unit: .venv/.synced  ## no sockets, no waiting
	@$(PYTHON) -m local.suites unit

test-console: .venv/.synced $(STAMPS)/console  ## the console's types, its own unit tests, its size
	@$(PYTHON) -m local.suites console

test-browser: setup $(STAMPS)/browser  ## the console in Chromium, on a stack of its own; not part of `make test`
	@$(PYTHON) -m local.suites browser

test-sip: setup $(STAMPS)/telephones  ## hundreds of calls by SIPp and baresip, on a stack of its own; not part of `make test`
	@$(PYTHON) -m local.suites sip

test-contract: setup  ## every port and every engine kind, on each implementation
	@$(PYTHON) -m local.suites contract

test-infrastructure: .venv/.synced node_modules/.installed $(STAMPS)/page  ## the templates: assertions, cfn-lint, cdk-nag
	@$(PYTHON) -m local.suites infrastructure

test-integration: setup $(STAMPS)/browser $(STAMPS)/telephones  ## the deployed stack: real REST, real sockets, real speech, a browser
	@$(PYTHON) -m local.suites integration

deploy-local: setup  ## deploy, change under a live call, go back, break permissions, destroy: in the emulator; not part of `make test`
	@$(PYTHON) -m local.suites deployment

test-conformance: setup  ## schemathesis against a deployed stack of its own; not part of `make test`
	@$(PYTHON) -m local.suites conformance

iac: export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = $(shell node --version | tr -d v | cut -d . -f 1)
iac: .venv/.synced node_modules/.installed $(STAMPS)/page  ## every combination of settings: cdk-nag, cfn-lint, checkov; minutes, not part of `make test`
	@$(PYTHON) -m tests.iac $(ARGS)

check: .venv/.synced  ## format, lint, types, import rule
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy .
	.venv/bin/lint-imports

format: .venv/.synced  ## let ruff write
	.venv/bin/ruff format
	.venv/bin/ruff check --fix

reference: .venv/.synced  ## write the API's documents anew from the code (docs/api)
	@$(PYTHON) -m reference

synth: .venv/.synced node_modules/.installed $(STAMPS)/page  ## write the templates to cdk.out; needs no credentials and no docker
	$(CDK) synth --quiet $(ENGINES) $(ARGS)
	@ls -l cdk.out/*.template.json

models: $(STAMPS)/models  ## build the embedded engines' models from text and voices of our own

bench: setup  ## cost per frame, per request and per cold start on this machine
	@$(PYTHON) -m bench $(ARGS)

bench-engines: setup  ## what the production engines cost beside CTranslate2 alone (ARGS="--sizes tiny --json")
	@$(PYTHON) -m bench.production $(ARGS)

bench-peers: setup  ## the same calls on this worker, on Pipecat and on a C echo, side by side
	@$(PYTHON) -m bench.peers $(ARGS)

clean:  ## forget everything that was installed or built here
	rm -rf .local .venv node_modules console/node_modules cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

## What is installed, once

$(STAMPS)/packages: local/setup/packages.sh
	@bash local/setup/packages.sh >&2
	@mkdir -p $(@D) && touch $@

$(STAMPS)/uv: local/setup/uv.sh
	@bash local/setup/uv.sh >&2
	@mkdir -p $(@D) && touch $@

.venv/.synced: uv.lock pyproject.toml client/pyproject.toml | $(STAMPS)/uv
	@echo "── Python packages" >&2
	@uv sync --frozen
	@touch $@

node_modules/.installed: package-lock.json
	@echo "── CDK command line" >&2
	@npm ci --no-audit --no-fund >&2
	@touch $@

$(STAMPS)/page: local/setup/page.sh
	@bash local/setup/page.sh >&2
	@mkdir -p $(@D) && touch $@

console/node_modules/.installed: console/package-lock.json
	@echo "── Console packages" >&2
	@npm ci --prefix console --ignore-scripts --no-audit --no-fund >&2
	@touch $@

$(STAMPS)/console: $(CONSOLE_SOURCES) console/node_modules/.installed
	@echo "── Console" >&2
	@npm run --silent --prefix console build >&2
	@mkdir -p $(@D) && touch $@

$(STAMPS)/browser: local/setup/browser.sh .venv/.synced
	@bash local/setup/browser.sh >&2
	@mkdir -p $(@D) && touch $@

$(STAMPS)/telephones: local/setup/telephones.sh
	@bash local/setup/telephones.sh >&2
	@mkdir -p $(@D) && touch $@

$(STAMPS)/models: $(MODEL_SOURCES) .venv/.synced | $(STAMPS)/packages
	@echo "── Embedded engines" >&2
	@$(PYTHON) -m media_worker.engines.embedded.build >&2
	@mkdir -p $(@D) && touch $@
