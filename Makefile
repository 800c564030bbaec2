# The front door of erpops.frappe. `make` alone says what there is.
# Every target sets itself up first; the first time takes half a minute, later ones milliseconds.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV ?= .venv
PYTHON ?=
ARGS ?=
UV ?= uv

# Relative names are taken from the clone, whose path may hold spaces.
venv := $(if $(filter /%,$(VENV)),$(VENV),$(CURDIR)/$(VENV))
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Ansible's temporary files and caches, which it would put into the home directory.
export ANSIBLE_HOME := $(CURDIR)/.ansible
# The package managers' caches stay in the clone too, unless the user has a place for them.
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export UV_CACHE_DIR ?= $(CURDIR)/.cache/uv
export PATH := $(venv)/bin:$(PATH)

# The clone under the name by which Ansible imports it.
collection := .collections/ansible_collections/erpops/frappe

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  ARGS=\"...\" is handed on: make test ARGS=\"-k site_config\", make demo ARGS=\"--check --diff\""

.PHONY: setup
setup: ## Make .venv from requirements.lock (Python 3.11 or newer, or PYTHON=...)
	@PYTHON="$(PYTHON)" bin/setup "$(venv)"

.PHONY: demo
demo: setup ## Build a bench with three tenants in .demo and serve them
	@bin/demo $(ARGS)

.PHONY: demo-real
demo-real: setup ## The same with real Frappe: FRAPPE_REPO, ERPNEXT_REPO, MariaDB and Redis
	@bin/demo --real $(ARGS)

.PHONY: demo-key
demo-key: setup ## Print the API key of a demo tenant
	@bin/demo-key $(ARGS)

.PHONY: demo-down
demo-down: setup ## Stop the demo and remove all of it
	@bin/demo-down $(ARGS)

.PHONY: test
test: setup ## Run all tests
	@pytest $(ARGS)

.PHONY: faults
faults: setup ## Break updates in every way there is a test for, and write the table of docs/reliability.md
	@pytest -q -p tests.faults.plugin -m fault --faults-table docs/reliability.md $(ARGS)

.PHONY: molecule
molecule: setup ## Roles on real hosts in containers: ARGS="default fleet", ARGS="--distro debian13 nginx"
	@python tests/molecule/run.py $(ARGS)

.PHONY: lint
lint: setup ## Check style and types: ruff, mypy, yamllint, ansible-lint
	@failed=0; \
	run() { echo "lint: $$*"; "$$@" || failed=1; }; \
	product() { mypy --python-version 3.10 $(collection)/plugins | sed 's#^$(collection)/##'; }; \
	run ruff check --quiet --output-format concise .; \
	run ruff format --check --quiet --output-format concise .; \
	run product; \
	run mypy conftest.py tests; \
	run yamllint --strict .; \
	run ansible-lint -q; \
	for script in $$(grep -lE '^#!.*\b(ba)?sh$$' bin/* .ci/*); do run bash -n "$$script"; done; \
	exit $$failed

.PHONY: format
format: setup ## Put all Python into the form that lint asks for
	@ruff check --quiet --fix-only .
	@ruff format .

.PHONY: sanity
sanity: setup ## Run ansible-test sanity on a clean copy of the collection
	@python tests/sanity.py $(ARGS)

.PHONY: docs
docs: setup ## Check that every plugin documents itself and no link is dead
	@pytest tests/unit/test_documentation.py tests/unit/test_docs_*.py $(ARGS)

.PHONY: bench
bench: setup ## Measure, beside plain bench commands in the same run
	@python tests/bench/run.py $(ARGS)

.PHONY: bench-real
bench-real: setup ## Measure updates on real Frappe, beside bench update: what demo-real needs (ARGS="--gib 4")
	@python tests/bench/real.py $(ARGS)

.PHONY: lock
lock: ## Renew requirements.lock, requirements-{bench,scan}.lock (needs uv; ARGS=--upgrade)
	@compile() { "$(UV)" --no-config pip compile --quiet --universal --generate-hashes \
	    --custom-compile-command "make lock" $(ARGS) "$$@"; }; \
	compile --python-version 3.11 pyproject.toml --group dev --output-file requirements.lock; \
	compile --python-version 3.10 --group bench --output-file requirements-bench.lock; \
	compile --python-version 3.10 --group scan --output-file requirements-scan.lock

.PHONY: clean
clean: ## Remove caches and .venv
	@if [ -e .demo ]; then echo "clean: the demo is still there; end it first: make demo-down" >&2; exit 1; fi
	rm -rf "$(venv)" "$(venv).lock" .ansible .cache .mypy_cache .pytest_cache .ruff_cache tests/output
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
