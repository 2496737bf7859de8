#!/usr/bin/env bash
# assets.sh [--if-possible] [--tests]: fetches what the portal's pages take from npm (htmx, a font, icons) into idm/web/vendor/.
# Only locked versions are taken, and no script of a package runs. With --if-possible (demo, run, test) neither a missing npm nor a
# missing network is a fault: the pages work without, plainer. --tests also fetches axe-core into .build/axe/, which nothing ships.
set -euo pipefail
cd "$(dirname "$0")/.."

may_fail= tests=
for argument in "$@"; do
    case $argument in
        --if-possible) may_fail=yes ;;
        --tests) tests=yes ;;
        *) echo "assets.sh knows --if-possible and --tests, not $argument" >&2; exit 2 ;;
    esac
done

source=idm/web/npm vendor=idm/web/vendor build=.build/npm axe=.build/axe
state=$(cat "$source"/* .ci/assets.sh | sha256sum | cut -c1-64)
whole() { # the vendored files are those of this lock, and nobody changed them since
    [ "$(cat $vendor/STATE 2> /dev/null)" = "$state" ] && (cd $vendor && sha256sum --check --status MANIFEST.sha256)
}
if whole && { [ -z "$tests" ] || [ -s $axe/axe.min.js ]; }; then exit 0; fi

without() { # without WHY: what it means, and whether that is a fault
    if whole; then exit 0; fi
    echo "$1 The portal's pages will be plainer: the system's fonts, no icons, whole pages instead of parts. Later: make assets" >&2
    [ -n "$may_fail" ] && exit 0
    exit 1
}
command -v npm > /dev/null || without "There is no npm here (Debian: apt-get install npm)."

omit=$([ -n "$tests" ] || echo --omit=dev)
mkdir -p $build
cp $source/package.json $source/package-lock.json $build/
echo "Fetching htmx, a font and icons by npm"
if ! (cd $build && timeout 180 npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error \
    --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=30000 $omit) > $build/log 2>&1 < /dev/null; then
    tail -n 5 $build/log >&2
    without "npm couldn't fetch them (all it said: $build/log)."
fi

from=$build/node_modules
if [ -n "$tests" ]; then
    mkdir -p $axe
    cp $from/axe-core/axe.min.js $from/axe-core/LICENSE $axe/
fi

made=$build/vendor
rm -rf $made
mkdir -p $made/licences
cp $from/htmx.org/dist/htmx.min.js $made/
cp $from/htmx.org/LICENSE $made/licences/htmx.txt
cp $from/dkfds/LICENSE.md $made/licences/dkfds.md
cp $from/dkfds/dist/fonts/IBMPlexSans/split/woff2/license.txt $made/licences/IBMPlexSans-OFL-1.1.txt
cp $source/Apache-2.0.txt $made/licences/icons-Apache-2.0.txt

cp $source/plex.css $made/
for weight in 400:Regular 600:SemiBold; do
    for piece in Latin1 Latin2 Pi; do
        font=plex-${weight%:*}-${piece,,}.woff2
        cp "$from/dkfds/dist/fonts/IBMPlexSans/split/woff2/IBMPlexSans-${weight#*:}-$piece.woff2" "$made/$font"
        # Under an address with its digest a browser keeps a file for good.
        sed -i "s|$font\"|$font?v=$(sha256sum "$made/$font" | cut -c1-16)\"|" $made/plex.css
    done
done

{
    echo '<svg xmlns="http://www.w3.org/2000/svg">'
    while read -r icon; do
        [ -n "$icon" ] || continue
        tr -d '\n' < "$from/dkfds/dist/img/svg-icons/$icon.svg" |
            sed -E "s|^.*<svg [^>]*viewBox=\"([^\"]*)\"[^>]*>|<symbol id=\"$icon\" viewBox=\"\1\">|; s|</svg>.*|</symbol>|"
        echo
    done < $source/icons.txt
    echo '</svg>'
} > $made/icons.svg

(cd $made && find . -type f ! -name MANIFEST.sha256 | LC_ALL=C sort | xargs sha256sum > MANIFEST.sha256)
echo "$state" > $made/STATE
rm -rf $vendor
mv $made $vendor
