#!/bin/sh
# Every public name has a type that pyright knows: `pyright --verifytypes leverkit` at 100 %.
set -e
out=$(PATH=".venv/bin:$PATH" PYTHONPATH=python pyright --verifytypes leverkit --ignoreexternal 2>&1) && exit 0
echo "$out" | grep -q 'Type completeness' || { echo "skipped: pyright could not be fetched or started, so types were not verified"; exit 0; }
echo "$out" | grep -A 3 'error:'
echo "$out" | grep 'Type completeness'
exit 1
