# Needs Python 3.10 or newer, make and git; everything else is put into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
# Extra arguments of `make check`, such as --format github.
CHECK ?=
# Empty where the host compresses by itself: make site COMPRESS=
COMPRESS ?= yes
# Arguments of `make bench`, such as --concepts 555; see --help.
BENCH ?=

.PHONY: help site book serve check new test fix bench lock clean
help:           ## List these targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

site: $(VENV)/site  ## Build the site into site/, with compressed twins of its files
	$(BIN)/mkdocs build --strict
	$(if $(COMPRESS),$(BIN)/python hooks/cli.py compress)

book: site      ## Build the site, then PDF, EPUB and a zip file of the site into site/downloads/
	$(BIN)/python hooks/cli.py book
	$(if $(COMPRESS),$(BIN)/python hooks/cli.py compress)

serve: $(VENV)/site ## Show the site with live reload on http://127.0.0.1:8000/
	$(BIN)/mkdocs serve --livereload

check: $(VENV)/site ## Report every problem in the glossary
	$(BIN)/python hooks/cli.py check --examples $(CHECK)

new: $(VENV)/site   ## Start a term: make new SLUG=weight-decay
	$(BIN)/python hooks/cli.py new $(SLUG)

test: $(VENV)/dev   ## Run every check and test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy $(wildcard .github/scripts/*.py)
	$(BIN)/python hooks/cli.py check --examples
	$(BIN)/python hooks/cli.py schema --check
	$(BIN)/python -m pytest -n 2 --dist worksteal

fix: $(VENV)/dev    ## Repair what can be repaired by machine
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python hooks/cli.py fix
	$(BIN)/python hooks/cli.py schema

bench: $(VENV)/dev  ## Measure ours and other generators; writes docs/contribute/benchmarks.*.md
	$(BIN)/python tests/benchmark.py $(BENCH)

lock: $(VENV)/dev   ## Compile the pinned requirements
	$(BIN)/uv pip compile -q --universal --python-version 3.10 --generate-hashes requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.10 --generate-hashes -c requirements.txt requirements-dev.in -o requirements-dev.txt
	for peer in tests/bench/requirements/*.in; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.10 --generate-hashes $$peer -o $${peer%.in}.txt || exit; \
	done

clean:          ## Delete everything generated
	rm -rf $(VENV) site .cache docs/assets/vendor

$(VENV)/python:
ifdef UV
	$(UV) venv -q --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif
	@touch $@

$(VENV)/site: requirements.txt | $(VENV)/python
ifdef UV
	$(UV) pip install -q --python $(BIN)/python -r requirements.txt
else
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
endif
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/site
ifdef UV
	$(UV) pip install -q --python $(BIN)/python -r requirements-dev.txt
else
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
endif
	@touch $@
