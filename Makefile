# Two commands matter: `make demo` and `make test`. Both set up what they need in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test check conformance bench bench-fix bench-share fuzz lock clean

setup: .venv/ready

.venv/ready: requirements-dev.txt pyproject.toml
	@echo "Setting up .venv (about half a minute the first time)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(BIN)/bot demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/pytest -n auto

# Foreign clients drive the embedded GitLab; those that cannot be installed are skipped. STORIES="marge" tells only that.
conformance: setup
	$(BIN)/python -m conformance $(STORIES)

bench: setup
	$(BIN)/python -m benchmarks

# Generated dependency puzzles, each with its optimum; the table goes into docs/fixing.md. FIX="--count 30 --kinds uv"
# plays a part of them; `FIX=--help` tells what else there is.
bench-fix: setup
	$(BIN)/python -m benchmarks.fix --store docs/fixing.md $(FIX)

# What a fix costs on top of the package manager: the bot and each tool's own command in turn, on the real registries; the
# table goes into docs/performance.md. SHARE="pdm yarn --rounds 5" measures some of them, whose table is only printed;
# `SHARE=--help` tells the rest.
bench-share: setup
	$(BIN)/python -m benchmarks.share --sandbox --store docs/performance.md $(SHARE)

# Feeds every parser whatever a coverage-guided fuzzer makes up, ten minutes each. FUZZ_SECONDS=60 for less;
# FUZZ="--jobs 4 uv-uv.lock" for some of them. The fuzzer (CPython 3.11 to 3.13 on Linux) gets an environment of its own.
FUZZ_SECONDS ?= 600

fuzz: .venv-fuzz/ready
	@.venv-fuzz/bin/python -m benchmarks.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ)

.venv-fuzz/ready: requirements.txt benchmarks/fuzz/requirements.txt
	@$(PYTHON) -m venv .venv-fuzz
	@.venv-fuzz/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt \
		-r benchmarks/fuzz/requirements.txt
	@touch $@

# Pins every dependency by version and hash. No index address gets into the files.
lock: setup
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev pyproject.toml --output-file requirements-dev.txt

clean:
	rm -rf .venv .venv-fuzz .mypy_cache .pytest_cache .ruff_cache
