#!/usr/bin/env bash
# Runs a command: on a terminal its progress is shown, elsewhere it says nothing unless it fails: then all that it said.
set -euo pipefail
[ -t 2 ] && exec "$@"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$@" > "$log" 2>&1 || { status=$?; cat "$log" >&2; exit "$status"; }
