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
# Hundreds of tests start idm as a process of its own: bytecode spares each of them the compiling, also where the environment has Python write none.
$bin/python -m compileall -q idm connectors cli.py
failed=()

# What needs the machine to itself comes first, so that the run's closing line is that of the others, the bulk.
# Without arguments only their files are read: reading all takes as long as some of them.
mapfile -t alone < <(grep -rlE --include='*.py' 'mark\.serial' tests)
if [ ${#alone[@]} != 0 ]; then
    echo "== tests that must run alone"
    [ $# != 0 ] && alone=("$@")
    # 5: the arguments selected none of them.
    $bin/python -m coverage run -m pytest -m serial "${alone[@]}" || [ $? = 5 ] || failed+=("tests that must run alone")
fi

# mypy keeps one processor busy: beside the tests it costs half of what it costs before them.
bash .ci/lint.sh > .build/lint.txt 2>&1 &
lint=$!
echo "== tests"
$bin/python -m coverage run -m pytest -n "$workers" --dist worksteal -m "not serial" "$@" || failed+=(tests)

wait $lint || failed+=(lint)
cat .build/lint.txt

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
