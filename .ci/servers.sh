#!/usr/bin/env bash
# Installs the real servers that the tests run against. No service is started: the tests start their own.
# Needs Debian (or a relative) and root; elsewhere it says what is missing, and the tests skip what needs it.
set -euo pipefail

missing=()
want() { # want PACKAGE FILE...: the package is there if one of the files is
    local package=$1 file
    shift
    for file in "$@"; do [ -e "$file" ] && return; done
    missing+=("$package")
}
want postgresql /usr/lib/postgresql/*/bin/initdb
want rabbitmq-server /usr/lib/rabbitmq/bin/rabbitmq-server
want slapd /usr/sbin/slapd
want ldap-utils /usr/bin/ldapsearch
want curl /usr/bin/curl
want chromium /usr/bin/chromium
# Dates in fields are shown as the browser's own language has them.
want chromium-l10n /usr/share/chromium/locales/da.pak /usr/lib/chromium/locales/da.pak

[ ${#missing[@]} = 0 ] && exit 0
how="apt-get install ${missing[*]}"
if ! [ -f /etc/debian_version ]; then
    echo "Not installed, and this is no Debian to install it on: ${missing[*]}. Tests that need it are skipped." >&2
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    echo "Not installed, and installing takes root: ${missing[*]}. Tests that need it are skipped; to run them: sudo $how" >&2
    exit 0
fi

echo "Installing ${missing[*]} (no service is started)"
policy=/usr/sbin/policy-rc.d
if ! [ -e $policy ]; then
    trap 'rm -f '$policy EXIT
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { apt-get -q -o DPkg::Lock::Timeout=300 update &&
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}"; } > "$log" 2>&1 < /dev/null; then
    tail -n 30 "$log" >&2
    echo "Installing failed; tests that need ${missing[*]} are skipped. By hand: $how" >&2
fi
rm -f "$log"
