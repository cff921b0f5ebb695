# What can be done here. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
TEMPLATES = $$(find templates -name '*.html')
PRODUCTION := DEBUG=0 SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	SITE_ORIGINS=https://chat.example.org ALLOWED_HOSTS=chat.example.org CHAT_DATA_DIR=$$(mktemp -d)

.PHONY: help run test lint format bench messages lock demo-data screenshots clean

help: ## List the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run ## Install what is needed and serve the site.
	@exec $(BIN)/python manage.py serve

test: $(VENV)/.test $(VENV)/.spec ## Run all tests; ARGS="tests/web -k name" narrows them.
	@CHROMIUM=$$($(BIN)/python -m tests.support.chromium) && export CHROMIUM && $(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

lint: $(VENV)/.test $(VENV)/.lint ## Check style, types, imports, migrations and production settings.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(VENV)/.lint ## Put the code into its form.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	-$(BIN)/djade --target-version 5.2 $(TEMPLATES)

bench: $(VENV)/.test ## Measure; BENCH="quick", or parts: BENCH="first 400".
	@CHROMIUM=$$($(BIN)/python -m tests.support.chromium) && export CHROMIUM && $(BIN)/python -m benchmarks $(BENCH)

messages: $(VENV)/.test ## Collect the strings to be translated, and compile the translations.
	$(BIN)/python -m tests.support.translations

lock: $(VENV)/.venv ## Pin all dependencies with their hashes.
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/python -m tests.support.lock

demo-data: $(VENV)/.run ## Fill a site with a made-up year to look at; ARGS="--chats 300".
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo_data $(ARGS)

screenshots: $(VENV)/.test ## Write pictures of all pages and states to screenshots/.
	@CHROMIUM=$$($(BIN)/python -m tests.support.chromium) && export CHROMIUM && $(BIN)/python -m tests.support.screenshots

clean: ## Remove the environment and caches; var/ stays.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache screenshots

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: set PYTHON to one, as in make run PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.venv requirements/run.txt
	@echo "Installing what the site needs …"
	@$(INSTALL) --requirement requirements/run.txt
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	@echo "Installing what tests need …"
	@$(INSTALL) --requirement requirements/test.txt
	@touch $@

$(VENV)/.spec: $(VENV)/.venv requirements/spec.txt
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --require-hashes \
		--requirement requirements/spec.txt --dest $(VENV)/spec
	@touch $@

$(VENV)/.lint: $(VENV)/.run requirements/lint.txt
	@echo "Installing what the linters need …"
	@$(INSTALL) --requirement requirements/lint.txt
	@touch $@
