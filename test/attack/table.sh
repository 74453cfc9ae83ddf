#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test/attack/table.sh: runs the attacks against this module (strict and compatible), SoftHSM 2 and NSS, and prints the table of
# doc/ATTACKS.md. A peer that is not installed has an empty column. With --write FILE it replaces the table in FILE.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${EDGEHSM_BUILD:-$root/build}
attack=$build/test/attack/attack
work=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-attacks.XXXXXX")
trap 'rm -rf "$work"' EXIT
export EDGEHSM_BUILD=$build

"$root/tools/with-module" "$attack" >"$work/strict" || true
"$root/tools/with-module" --profile compatible "$attack" >"$work/compatible" || true

softhsm=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -1)
if [ -n "$softhsm" ]; then
    mkdir "$work/tokens"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" >"$work/softhsm2.conf"
    export SOFTHSM2_CONF=$work/softhsm2.conf
    softhsm2-util --init-token --free --label attack --pin 123456 --so-pin 87654321 >/dev/null 2>&1
    MODULE=$softhsm TOKEN_LABEL=attack PIN=123456 SO_PIN=87654321 "$attack" >"$work/softhsm" 2>/dev/null || true
fi
nss=$(ls /usr/lib/*/nss/libsoftokn3.so /usr/lib/*/libsoftokn3.so 2>/dev/null | head -1)
if [ -n "$nss" ] && command -v certutil >/dev/null; then
    mkdir "$work/nss" && echo 123456 >"$work/nss.pin"
    certutil -N -d "sql:$work/nss" -f "$work/nss.pin" >/dev/null 2>&1
    MODULE=$nss TOKEN_LABEL="NSS Certificate DB" PIN=123456 SO_PIN="" NSS_PARAMETERS="configdir='sql:$work/nss' certPrefix='' keyPrefix='' secmod='secmod.db' flags=" \
        "$attack" >"$work/nss.out" 2>/dev/null || true
fi
touch "$work/softhsm" "$work/nss.out"

version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo absent; }
table() {
    echo "| id | attack | strict | compatible | SoftHSM 2 $(version libsofthsm2) | NSS $(version libnss3) |"
    echo "|---|---|---|---|---|---|"
    awk -v files="$work/strict $work/compatible $work/softhsm $work/nss.out" '
        BEGIN {
            n = split(files, file, " ")
            for (i = 1; i <= n; i++)
                while ((getline line < file[i]) > 0)
                    if (match(line, /^(not )?ok [0-9]+ - /)) {
                        split(substr(line, RLENGTH + 1), word, / +/)
                        outcome[i, word[1]] = word[2]
                        if (word[2] == "WORKS") works[i]++
                        if (word[2] != "absent") tried[i]++
                        if (i == 1) { order[++ids] = word[1]; text = substr(line, RLENGTH + 1); sub(/^[^ ]+ +[^ ]+ +/, "", text); what[word[1]] = text }
                    }
            for (k = 1; k <= ids; k++) {
                id = order[k]
                printf "| %s | %s |", id, what[id]
                for (i = 1; i <= n; i++) printf " %s |", outcome[i, id] == "WORKS" ? "**works**" : outcome[i, id] == "" ? "-" : outcome[i, id]
                printf "\n"
            }
            printf "| | work / tried |"
            for (i = 1; i <= n; i++) printf " %d / %d |", works[i], tried[i]
            printf "\n"
        }'
}

if [ "${1:-}" = --write ]; then
    table >"$work/table"
    awk -v table="$work/table" '
        /<!-- table -->/ { print; while ((getline line < table) > 0) print line; skip = 1 }
        /<!-- end -->/ { skip = 0 }
        !skip { if ($0 !~ /<!-- table -->/) print }' "$2" >"$work/new" && cat "$work/new" >"$2"
else
    table
fi
