#!/usr/bin/env bash
# Style, types, import contracts. All of them run, so that one look shows everything; fails if any failed.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()
check() {
    local name=$1
    shift
    echo "== $name"
    "$@" || failed+=("$name")
}
check "ruff check" $bin/ruff check .
check "ruff format" $bin/ruff format --check --quiet .
check "mypy" $bin/mypy
check "lint-imports" $bin/lint-imports --no-cache --no-logo
if [ ${#failed[@]} != 0 ]; then
    printf 'Lint failed: %s\n' "${failed[*]}" >&2
    exit 1
fi
