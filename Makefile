# Everything a contributor needs. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
export CARGO_INCREMENTAL := 0

LISTEN ?= 127.0.0.1:8080
DATA   ?= data
CHROMIUM ?= /usr/bin/chromium
export CHROMIUM
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: help run build web test test-rust test-web test-compat test-browser lint fmt deny size \
        bench-fanout bench-flash bench-floor fuzz clean deps deps-browser deps-ffmpeg deps-wasm

help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}'

run: web ## Build everything and open a demo room (LISTEN=0.0.0.0:8080 for phones in the same network)
	cargo build --release -p hawker
	target/release/hawker serve --demo --listen $(LISTEN) --data $(DATA)

build: web ## Build the release binary with its pages
	cargo build --release -p hawker

node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

web: node_modules/.installed ## Build the SDKs and the pages that the binary serves
	npm run build

test: lint test-rust test-web test-compat test-browser size ## Everything; installs what it needs

test-rust: web deps-wasm deps-ffmpeg ## The Rust tests, and the pure crates on a target without sockets
	cargo build -p hawker
	cargo test --workspace
	cargo check --target wasm32-unknown-unknown -p hawker-core -p hawker-wire -p hawker-media
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

test-web: node_modules/.installed ## The SDKs' and the pages' own tests
	npm run test:sdk
	npm test -w @hawker/web-shared

test-compat: web ## The unmodified official SDKs beside ours, against the real server
	cargo build -p hawker
	npm test -w @hawker/tests-compat

test-browser: web deps-browser deps-ffmpeg ## Two real browsers on the pages
	cargo build -p hawker
	npm test -w @hawker/tests-browser

lint: web deps ## Formatting, clippy, eslint, types, licences and sources
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	npm run lint
	npm run typecheck
	cargo deny --log-level error check bans licenses sources

fmt: ## Format the Rust code
	cargo fmt --all

size: node_modules/.installed ## Check the SDKs' size
	npm run size

bench-fanout: build ## Fan-out beside a bare send(2) loop, pair by pair; ends with a line of JSON
	target/release/hawker bench pairs --n 5000,15000 --k 1,8,32 --reps 9

bench-flash: build ## A crowd that claims a coupon at once: at the engine, one by one, over sockets
	target/release/hawker bench flash-sale

bench-floor: build ## The bare send(2) loop alone
	target/release/hawker bench floor

fuzz: ## Every fuzz target for a minute
	cargo run --release --manifest-path fuzz/Cargo.toml --bin run -- --seconds 60

deps: ## Install cargo-deny if it is missing
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny

deps-wasm: ## Install the target that the pure crates are checked for
	@rustup target list --installed | grep -q wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

deps-ffmpeg: ## Install ffmpeg if it is missing: it pushes and pulls in the tests of live video
	@command -v ffmpeg >/dev/null || { $(SUDO) apt-get update && $(SUDO) apt-get install -y --no-install-recommends ffmpeg; }

deps-browser: ## Install Chromium if it is missing
	@test -x $(CHROMIUM) || { $(SUDO) apt-get update && $(SUDO) apt-get install -y --no-install-recommends chromium fonts-noto-cjk; }

clean: ## Remove what was built
	cargo clean
	rm -rf node_modules sdk/*/dist web/*/dist
