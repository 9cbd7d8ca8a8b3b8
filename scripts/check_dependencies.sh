#!/bin/sh
# Licences, duplicates and sources of the Rust dependencies by deny.toml: the parts of `cargo deny check` that need no network.
set -e
cargo deny --version > /dev/null 2>&1 || {
  echo "skipped: cargo-deny is not installed, so licences and sources of dependencies were not checked"
  exit 0
}
cargo deny --offline --log-level error check licenses bans sources
