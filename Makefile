# `make serve` and `make test` need nothing but Python 3.11 or newer and the network (to install what they use).
# uv is used when it is there: it is faster and finds or fetches a suitable Python itself.

.DEFAULT_GOAL := help
.PHONY: help serve demo test lint kgx clean

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

help: ## show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 8

serve: $(VENV)/.installed $(VENV)/.bundled ## serve the graph at http://127.0.0.1:8000/, made first when there is none
	$(BIN)/trialgraph serve

# A stopped download goes on where it stopped. Another folder, question or port: make demo DEMO=... DEMO_QUERY=... DEMO_PORT=...
DEMO := demo
DEMO_QUERY := AREA[ConditionMeshTerm]"Small Cell Lung Carcinoma" AND AREA[OverallStatus]RECRUITING
DEMO_PORT := 8000
DEMO_API := $(if $(API),--api $(API))

demo: $(VENV)/.installed $(VENV)/.bundled ## fetch some hundred trials from the registry, build and serve them
	mkdir -p $(DEMO)
	test -s $(DEMO)/records.jsonl.gz || $(BIN)/trialgraph fetch --query '$(DEMO_QUERY)' $(DEMO_API) --output $(DEMO)/records.jsonl.gz
	test -e $(DEMO)/release/current || $(BIN)/trialgraph build $(DEMO)/records.jsonl.gz --release $(DEMO)/release
	$(BIN)/trialgraph serve --release $(DEMO)/release --port $(DEMO_PORT)

# In one process, so that servers and browsers are not slowed by each other; faster, a file at a time: make test PROCESSES=2
PROCESSES := 0

test: $(VENV)/.developing $(VENV)/.bundled lint ## lint, check types, run all tests
	$(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile

lint: $(VENV)/.developing ## lint and check types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

kgx: .kgx/.installed ## install the validator of KGX apart (500 MB), for the tests that use it

clean: ## remove the environment and caches; releases stay
	rm -rf $(VENV) .kgx build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
ifdef UV
	test -x $(BIN)/python || uv venv --quiet --python '>=3.11' $(VENV)
else
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it, or say make PYTHON=/path/to/python"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
endif
	touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.made
ifdef UV
	uv pip install --quiet --python $(BIN)/python --editable .
else
	$(BIN)/python -m pip install --quiet --editable .
endif
	touch $@

$(VENV)/.developing: pyproject.toml $(VENV)/.installed
ifdef UV
	uv pip install --quiet --python $(BIN)/python --group dev
else
	$(BIN)/python -m pip install --quiet --group dev
endif
	touch $@

# What the editor and pictures are made of. npm bundles it; where there is none, Node comes as a wheel. Pages work without.
$(VENV)/.bundled: $(wildcard assets/*) scripts/assets.py | $(VENV)/.installed
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --group assets || true
	$(BIN)/python scripts/assets.py
	touch $@

# KGX asks for 140 packages; those its validator imports are a third of them. It needs Python 3.11 or 3.12.
.kgx/.installed: scripts/kgx.txt | $(VENV)/.made
	test -x .kgx/bin/python || $(BIN)/python -m venv .kgx
	.kgx/bin/python -m pip install --quiet --no-deps -r $<
	touch $@
