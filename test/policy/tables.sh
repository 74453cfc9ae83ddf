#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tables.sh ROOT COMMAND...: every policy of the source tree that has a table, and the refused texts.
set -eu
cd "$1"
shift
exec "$@" doc/policies/*.policy demo/gateway/*.policy test/policy/tables/*.policy \
    test/policy/tables/refused.txt
