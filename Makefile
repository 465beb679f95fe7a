# Every command of this project. Each sets up what it needs first, and only what has changed since the last time.

PYTHON ?= $(or $(shell command -v python3),$(shell command -v python),$(error This needs Python 3.11 or newer, and there is no python3 on PATH: install it))
ARGS ?=

SET_UP := -m scripts.setup
IN_VENV := .venv/bin/python -m

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run dev demo test check fix bench soak lock setup clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Serve the whole product on http://localhost:3001 (ARGS="--port 8000")
	@exec "$(PYTHON)" $(SET_UP) run $(ARGS)

dev: ## Serve it for development: API with reload on 3001, web with hot reload on 3000
	@"$(PYTHON)" $(SET_UP) dev && exec $(IN_VENV) scripts.dev

demo: ## Serve it with local stand-ins for OpenRouter and YooKassa: many models, test cards, time travel
	@"$(PYTHON)" $(SET_UP) product && exec $(IN_VENV) scripts.demo $(ARGS)

test: ## Run every test: web, Python, end to end
	@"$(PYTHON)" $(SET_UP) test && exec $(IN_VENV) scripts.test

check: ## Check format, lint, types, import layers, generated files, documents
	@"$(PYTHON)" $(SET_UP) check && exec $(IN_VENV) scripts.check

fix: ## Repair what `make check` can repair by itself
	@"$(PYTHON)" $(SET_UP) check && exec $(IN_VENV) scripts.check --fix

bench: ## Run the benchmarks beside their peers
	@"$(PYTHON)" $(SET_UP) test && exec $(IN_VENV) bench $(ARGS)

soak: ## Run the long random tests
	@"$(PYTHON)" $(SET_UP) test && exec $(IN_VENV) scripts.test --soak

lock: ## Make the locks of the Python packages anew (ARGS=--upgrade)
	@"$(PYTHON)" -m scripts.lock $(ARGS)

setup: ## Only set up, for everything
	@"$(PYTHON)" $(SET_UP) test && echo "Everything is set up."

clean: ## Remove everything that was made; your data/ and .env stay
	rm -rf .venv .tools .cache web/node_modules src/ai_chat/web_dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
