#!/usr/bin/env bash
# venv.sh PYTHON FOLDER: makes a virtual environment, and says what is missing if it can't.
set -euo pipefail
python=$1 folder=$2

if ! command -v "$python" > /dev/null; then
    echo "There is no $python here. Install Python 3.11 or later (Debian: apt-get install python3 python3-venv), or say where it is: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$python is $("$python" -V); idm needs Python 3.11 or later. Say where one is: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2> /dev/null; then
    if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
        echo "Installing python3-venv"
        export DEBIAN_FRONTEND=noninteractive
        apt-get -q -o DPkg::Lock::Timeout=300 update > /dev/null
        apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends python3-venv > /dev/null
    else
        echo "$python can't make a virtual environment. Debian: sudo apt-get install python3-venv, then run make again." >&2
        exit 1
    fi
fi
# A half-made one would pass for a whole one at the next run.
trap 'rm -rf "$folder"' ERR
"$python" -m venv --clear "$folder"
