# What a newcomer does: `make demo`, `make test`. Each sets up what is missing and, the second time, nothing.

PYTHON ?= python3
BIN := .venv/bin
# Touched when the environment holds what pyproject.toml asks for.
READY := .venv/.devam-ready

.PHONY: help demo test check setup speech bench faults docs clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## show the story with a real call; on a terminal, stay up for yours
	@$(BIN)/ivr demo

test: speech check setup ## everything: check, then calls on a real Asterisk and pages in a browser
	@$(BIN)/python -m tests.live.browser_setup
	$(BIN)/pytest tests/live

check: $(READY) ## lint, types, import rules, the sample flow, unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/ivr check
	$(BIN)/pytest -n auto tests/unit

setup: $(READY) ## the virtual environment, and Asterisk, Redis, espeak-ng and SIPp
	@$(BIN)/ivr sandbox setup

speech: $(READY) ## the English speech model, where it can be had; without it, tests of speech are skipped
	@$(BIN)/python -m tests.speech_setup

bench: setup ## measure how fast a key press becomes the next prompt
	$(BIN)/python -m tests.bench

faults: setup ## do harm to a hotline under load, in every way, and count what becomes of its callers
	$(BIN)/python -m tests.faults

docs: $(READY) ## draw the picture of the sample hotline anew
	@$(BIN)/ivr graph --flow dialplans/flows/hotline.yaml --output docs/hotline.svg

clean: ## remove everything that the above made
	rm -rf .venv .sandbox dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): pyproject.toml
	scripts/environment $(PYTHON) .venv
	@touch $@
