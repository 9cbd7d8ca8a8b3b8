#!/usr/bin/env bash
# The committed stubs must be what the Rust side generates, and agree with the module at run time.
set -euo pipefail
. .venv/bin/activate
fresh=$(mktemp --suffix=.pyi)
trap 'rm -f "$fresh"' EXIT
scripts/stubs.sh "$fresh"
diff -u python/leverkit/_engine.pyi "$fresh" || { echo "stubs are out of date: run 'make stubs' and commit" >&2; exit 1; }
python -m mypy.stubtest leverkit._engine --ignore-disjoint-bases
