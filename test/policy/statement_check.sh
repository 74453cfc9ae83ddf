#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# statement_check.sh SAMPLE POLICY: statements under a policy, verified by npm's @auth0/cose, cose-js and
# cose-kit, which are installed into ~/.cache/edgehsm-cose on first use. Without node, or where npm cannot
# get them, it is one skipped test.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "skip  statement_check: $1"; echo "0 passed, 0 failed, 1 skipped"; exit 77; }
command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || skip "node and npm are not installed"
COSE_MODULES=${COSE_MODULES:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/edgehsm-cose}
export COSE_MODULES
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ ! -e "$COSE_MODULES/node_modules/cose-js" ]; then
    mkdir -p "$COSE_MODULES"
    echo '{"private":true}' >"$COSE_MODULES/package.json"
    (cd "$COSE_MODULES" && timeout 120 npm install --no-audit --no-fund --ignore-scripts \
        @auth0/cose@1.0.2 cose-js@0.9.0 cose-kit@1.7.1) >"$work/npm.log" 2>&1 ||
        skip "npm could not install the packages: $(tail -n 1 "$work/npm.log")"
fi
"$1" "$2" "$work"
status=0
for library in @auth0/cose cose-kit cose-js; do
    node "$here/statement_check.mjs" "$work" $library >>"$work/result" 2>&1 || status=1
done
grep -v '[0-9] passed, ' "$work/result" || :
awk '/[0-9] passed, [0-9]+ failed/ { p += $1; f += $3; n++ }
     END { print p + 0 " passed, " f + (n != 3) " failed" }' "$work/result"
exit $status
