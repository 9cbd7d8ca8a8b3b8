#!/usr/bin/env bash
# Fails where the wheel and the tests would each build polars: where a package has other features for one than for the other.
set -euo pipefail
packages() { cargo tree "$@" --prefix none --format '{p} {f}' | sed 's/ (\*)$//' | sort -u; }
alone=$(comm -23 <(packages -p leverkit-py --features one-build -e normal,build) <(packages --workspace -e normal,build,dev) \
  | grep -v '^leverkit-py ' || true)
if [ -n "$alone" ]; then
  echo "the wheel is built with other features than the tests: add them to one-build in crates/leverkit-py/Cargo.toml" >&2
  echo "$alone" >&2
  exit 1
fi
