#!/usr/bin/env bash
# Writes requirements/run.txt and test.txt: exact versions with the hashes of every published file. Nothing of this machine gets in.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=.build/lock-tools
[ -x $tools/bin/pip-compile ] || { .venv/bin/python -m venv --clear $tools && $tools/bin/python -m pip install --quiet pip-tools; }

compile() { # compile RESULT SOURCE...: newer versions only where a source asks for them; UPGRADE=1 takes the newest of all
    local result=$1
    shift
    $tools/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-options \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links ${UPGRADE:+--upgrade} --output-file "$result" "$@"
    sed -i '1i # Made by `make lock` from pyproject.toml and requirements/*.in: change those.' "$result"
}
sed -i '/^# Made by/d' requirements/*.txt
compile requirements/run.txt --extra postgres pyproject.toml requirements/run.in
compile requirements/test.txt requirements/test.in
if grep -nE '://|find-links|index-url|trusted-host' requirements/*.txt; then
    echo "The lock names an address of this machine: see the lines above." >&2
    exit 1
fi
