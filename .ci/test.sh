#!/usr/bin/env bash
# test.sh WORKERS [PYTEST ARGUMENT...]: servers, lint, tests, coverage gate; the last lines say what was skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin workers=$1
shift
mkdir -p .build/coverage
rm -rf .build/coverage/* .build/skipped.txt

bash .ci/servers.sh
status=0
bash .ci/lint.sh || status=1

echo "== tests"
coverage=($bin/python -m coverage)
# First what may run side by side, then what needs the machine to itself. 5: nothing of that kind was selected.
"${coverage[@]}" run -m pytest -n "$workers" --dist worksteal -m "not serial" "$@" || status=1
"${coverage[@]}" run -m pytest -m serial "$@" || [ $? = 5 ] || status=1

if [ $# = 0 ]; then
    echo "== coverage"
    "${coverage[@]}" combine --quiet
    "${coverage[@]}" report --skip-covered --omit 'idm/domain/*,idm/flow/*' --show-missing | tail -n 1
    "${coverage[@]}" report --include 'idm/domain/*,idm/flow/*' --fail-under=95 || {
        echo "Coverage of idm/domain and idm/flow is below 95 %." >&2
        status=1
    }
fi

echo "== skipped"
if [ -s .build/skipped.txt ]; then
    sort -u .build/skipped.txt
else
    echo "Nothing was skipped."
fi
exit $status
