#!/usr/bin/env bash
# test.sh WORKERS [PYTEST ARGUMENT...]: servers, lint, tests, coverage gate; the last lines say what was skipped.
# With pytest arguments (make test TESTS="tests/unit -k naming") only those tests run, and coverage isn't judged.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin workers=$1
shift
rm -rf .build/coverage .build/skipped.txt
mkdir -p .build/coverage

bash .ci/servers.sh
bash .ci/assets.sh --if-possible --tests
failed=()
bash .ci/lint.sh || failed+=(lint)

# What needs the machine to itself comes first, so that the run's closing line is that of the others, the bulk.
if grep -rqE --include='*.py' 'mark\.serial' tests; then
    echo "== tests that must run alone"
    # 5: the arguments selected none of them.
    $bin/python -m coverage run -m pytest -m serial "$@" || [ $? = 5 ] || failed+=("tests that must run alone")
fi
echo "== tests"
$bin/python -m coverage run -m pytest -n "$workers" --dist worksteal -m "not serial" "$@" || failed+=(tests)

if [ $# = 0 ]; then
    echo "== coverage"
    $bin/python -m coverage combine --quiet
    $bin/python -m coverage report --include 'idm/domain/*,idm/flow/*' || true
    $bin/python .ci/coverage_gate.py 95 idm/domain idm/flow || failed+=(coverage)
fi

[ ${#failed[@]} = 0 ] || (IFS=,; echo "FAILED: ${failed[*]}" >&2)

echo "== skipped"
if [ -s .build/skipped.txt ]; then
    sort -u .build/skipped.txt
else
    echo "Nothing was skipped."
fi
[ ${#failed[@]} = 0 ]
