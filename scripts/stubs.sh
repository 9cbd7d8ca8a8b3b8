#!/usr/bin/env bash
# Writes the stubs of the compiled module, generated from the Rust side, to the file named.
set -euo pipefail
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
scripts/quietly.sh maturin generate-stubs --profile release --out "$out"
stub=$(find "$out" -name '*.pyi' | head -n 1)
{
  echo '# Generated from the Rust side by `make stubs`; do not edit.'
  # The generator takes the name from where Python 3.13 has it; older ones find it in typing_extensions. It gives keyword arguments and dicts no type,
  # nor the whole numbers that are read by a function of our own.
  sed -e 's/^from types import CapsuleType/from typing_extensions import CapsuleType/' -e 's/\(\*\*[a-z]*\))/\1: Any)/' -e 's/: dict\([,)]\)/: dict[str, Any]\1/g' \
    -e '/def /{s/, \([a-z_]*\)\([,)]\)/, \1: int\2/g;s/, \([a-z_]*\)\([,)]\)/, \1: int\2/g}' -e 's/\(, int\|, str\|, float\|, bool\|, bytes\): int\([],)]\)/\1\2/g;s/\(, int\|, str\|, float\|, bool\|, bytes\): int\([],)]\)/\1\2/g' "$stub"
} > "$1"
