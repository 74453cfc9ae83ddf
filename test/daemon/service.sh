#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# service.sh UNIT [LIMIT]: systemd judges the unit file offline (R-80: 0.5). Prints TAP.
set -u
unit=$1 limit=${2:-0.5}
echo "1..1"
if ! command -v systemd-analyze >/dev/null 2>&1 ||
    ! systemd-analyze --help 2>/dev/null | grep -q -- --offline; then
    echo "ok 1 - the_exposure_of_the_service_is_at_most_$limit # SKIP needs systemd-analyze security --offline"
    exit 0
fi
line=$(systemd-analyze security --offline=true --threshold=100 "$unit" 2>/dev/null | tail -n 1)
level=$(echo "$line" | sed -n 's/.*: \([0-9.]*\) [A-Z]*.*/\1/p')
echo "# $line"
if [ -n "$level" ] && awk -v l="$level" -v m="$limit" 'BEGIN { exit !(l <= m) }'; then
    echo "ok 1 - the_exposure_of_the_service_is_at_most_$limit"
else
    echo "not ok 1 - the_exposure_of_the_service_is_at_most_$limit"
fi
