# One command to run the service, one to test it. What is missing is installed where the user may.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Outside the clone, so that a fresh clone does not compile everything again.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/communication-service/target
export PATH := $(PATH):$(HOME)/.cargo/bin

# Which broker `make run` starts: mock (in memory, forgetful) or apache (the real one, kept).
KAFKA ?= mock
# How far `make run` puts the service's clock forward, for example 7d; the data are those of the run before.
CLOCK_OFFSET ?=
# Where the Python client is generated.
SDK ?= $(HOME)/.cache/communication-service/sdk-python
DEV := $(CARGO_TARGET_DIR)/debug/comm-dev

.PHONY: help run test openapi sdk-python chaos chaos-short audit bench mutants kafka-jars

help: ## What there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: ## Start everything and say where it is (KAFKA=apache: with a real Apache Kafka; CLOCK_OFFSET=7d: a week later)
	@bash .ci/install build $(if $(DATABASE_URL),,postgres) $(if $(filter apache,$(KAFKA)),java)
	cargo build -p comm-server -p comm-devkit --bins
	@$(if $(filter apache,$(KAFKA)),$(DEV) kafka-jars)
	@exec $(DEV) run --kafka $(KAFKA) $(if $(CLOCK_OFFSET),--clock-offset=$(CLOCK_OFFSET))

# One build of everything, tests and binaries alike: the walk starts the built binary, and separate
# builds would compile dependencies twice. The tests come last, so that their summary closes the output.
test: ## Format, lints, documentation, then every test, on real servers
	@bash .ci/install build postgres java python
	@bash .ci/python
	cargo fmt --all --check
	cargo build --workspace --all-targets
	@$(DEV) kafka-jars
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps
	$(DEV) with postgres kafka -- cargo test --workspace

openapi: ## Write docs/openapi.json anew, out of the code
	cargo build -p comm-server
	$(CARGO_TARGET_DIR)/debug/communication-service openapi > docs/openapi.json

sdk-python: ## Generate a typed Python client out of docs/openapi.json, outside of the repository (SDK=folder)
	@bash .ci/install python
	@bash .ci/python
	@bash .ci/sdk-python $(SDK)

chaos-short: ## Break everything around the service for two minutes, and count the mails (docs/RELIABILITY.md)
	@bash .ci/install build postgres java
	cargo build -p comm-server -p comm-devkit --bins
	@$(DEV) kafka-jars
	$(DEV) with postgres kafka -- cargo test -p comm-tests --test chaos

chaos: ## The same for 20 minutes, with more mails and each fault by itself, as a release build
	@bash .ci/install build postgres java
	cargo build --release -p comm-server -p comm-devkit --bins
	@$(subst /debug/,/release/,$(DEV)) kafka-jars
	COMM_CHAOS_MINUTES=20 $(subst /debug/,/release/,$(DEV)) with postgres kafka -- cargo test --release -p comm-tests --test chaos

audit: ## Bans, licenses and sources of every dependency
	@command -v cargo-deny >/dev/null || { echo 'Type: cargo install --locked cargo-deny'; exit 1; }
	cargo deny check bans licenses sources

bench: ## Measure, and write the figures into docs/PERFORMANCE.md
	@bash .ci/install build postgres java
	@bash .ci/smtp-source
	cargo build --release -p comm-server -p comm-tests -p comm-devkit --bins
	@$(CARGO_TARGET_DIR)/release/comm-dev kafka-jars
	PATH="$(HOME)/.cache/communication-service/bin:$$PATH" $(CARGO_TARGET_DIR)/release/bench
	cargo bench -p comm-domain --bench terminsuche

mutants: ## Break the rules of the domain one by one: which mistakes does no test see? (docs/MUTANTS.md)
	@command -v cargo-mutants >/dev/null || { echo 'Type: cargo install --locked cargo-mutants'; exit 1; }
	env -u CARGO_TARGET_DIR cargo mutants -p comm-domain --all-features --output $(CARGO_TARGET_DIR)

kafka-jars: ## Fetch Apache Kafka once, for the tests and for KAFKA=apache
	@bash .ci/install build java
	cargo build -p comm-devkit --bins
	@$(DEV) kafka-jars
