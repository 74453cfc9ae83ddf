#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# wycheproof.sh PROGRAM: Project Wycheproof's vectors through the library and the line to the emulated chip
# (R-92). WYCHEPROOF_SAMPLE (60) takes one of so many; ./run long takes all.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
export WYCHEPROOF_SAMPLE="${WYCHEPROOF_SAMPLE:-60}"
# What the chip does not offer, and says so to C_GetMechanismInfo.
export WYCHEPROOF_LACKS=ecdh_secp521r1_ecpoint,ecdsa_secp521r1_sha512_p1363
export WYCHEPROOF="${WYCHEPROOF:-$root/../shared/vectors/wycheproof}"
exec "$root/test/line/over_chip.sh" "${1:?}"
