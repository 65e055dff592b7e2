# Two commands: `make run` and `make test`. Everything else is in `make help`.
# Needs make, Python >= 3.11 with its venv module; uses uv when it is there. No node, no system packages.

VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi
PORT ?= 8000
export PORT
UV := $(shell command -v uv 2>/dev/null)
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP_FLAGS := --require-hashes --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-routing test-stripe lock clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (Debian: apt install python3.11 python3.11-venv)." >&2; exit 2; }
ifdef UV
	@$(UV) venv -q --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing (Debian: apt install python3-venv)." >&2; rm -rf $(VENV); exit 2; }
endif

$(VENV)/.run: requirements.lock $(VENV)/bin/python
	@echo "Installing what running needs ..."
ifdef UV
	@VIRTUAL_ENV=$(VENV) $(UV) pip install -q --require-hashes -r requirements.lock
else
	@$(BIN)/python -m pip install -q --disable-pip-version-check $(PIP_FLAGS) -r requirements.lock
endif
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib -x "/lib2to3/|bad_coding|badsyntax"
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.run
	@echo "Installing what testing needs ..."
ifdef UV
	@VIRTUAL_ENV=$(VENV) $(UV) pip install -q --require-hashes -r requirements-test.lock
else
	@$(BIN)/python -m pip install -q --disable-pip-version-check $(PIP_FLAGS) -r requirements-test.lock
endif
	@touch $@

OURS := market merchants delivery payments migrations wsgi.py gunicorn.conf.py

run: $(VENV)/.run ## set up, migrate, fill an empty database with the demo town, start the market
	@$(BIN)/python -m compileall -q $(OURS)
	@$(BIN)/python -m market.core.ready || $(FLASK) prepare
	@exec $(BIN)/gunicorn --config gunicorn.conf.py 'wsgi:create_app()'

test: $(VENV)/.test ## the whole suite: SQLite always, PostgreSQL and Redis when they answer
	@$(BIN)/python -m compileall -q $(OURS) tests
	@$(BIN)/pytest -q -n 2 --dist worksteal $(TESTS)

check: $(VENV)/.test ## style, types, import contracts, migrations match the models
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@INSTANCE_DIR=$$(mktemp -d) sh -c '$(FLASK) db upgrade && $(FLASK) db check; s=$$?; rm -rf "$$INSTANCE_DIR"; exit $$s'

bench: $(VENV)/.test ## pages against a bare Flask page, prices of windows, memory, start-up
	@$(BIN)/python -m bench.pages
	@$(BIN)/python -m bench.prices
	@$(BIN)/python -m bench.process

$(VENV)/.bench: requirements-bench.lock $(VENV)/.run
	@echo "Installing what the routing benchmark needs ..."
ifdef UV
	@VIRTUAL_ENV=$(VENV) $(UV) pip install -q --require-hashes -r requirements-bench.lock
else
	@$(BIN)/python -m pip install -q --disable-pip-version-check $(PIP_FLAGS) -r requirements-bench.lock
endif
	@touch $@

bench-routing: $(VENV)/.bench ## the batcher against its goals and rivals; INSTANCES=<folder> adds public instances, QUICK=1 is a sample
	@$(BIN)/python -m bench.routing $(if $(QUICK),--quick) $(if $(INSTANCES),--instances $(INSTANCES))

test-stripe: $(VENV)/.test ## a person with a real Stripe TEST key: STRIPE_SECRET_KEY=sk_test_... make test-stripe
	@$(BIN)/pytest -q tests/payments/stripe_live.py

lock: ## after changing pyproject.toml (needs uv)
	uv lock
	uv export --frozen --no-default-groups --no-emit-project --no-header -q -o requirements.lock
	uv export --frozen --group test --no-emit-project --no-header -q -o requirements-test.lock
	uv export --frozen --only-group bench --no-emit-project --no-header -q -o requirements-bench.lock

clean: ## remove the virtual environment (keeps instance/)
	rm -rf $(VENV)
