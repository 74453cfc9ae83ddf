#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tables.sh ROOT PROGRAM [ARGUMENT...]: with every policy of the source tree that has a table, and the refused texts.
set -eu
case $2 in */*) program=$(realpath "$2") ;; *) program=$2 ;; esac
cd "$1"
shift 2
exec "$program" "$@" doc/policies/*.policy demo/gateway/*.policy test/policy/tables/*.policy \
    test/policy/tables/refused.txt
