#!/usr/bin/env bash
# Runs a command and says nothing, unless it fails: then all that it said.
set -euo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$@" > "$log" 2>&1 || { status=$?; cat "$log" >&2; exit "$status"; }
