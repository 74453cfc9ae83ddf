#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""left_out.py TEST RUN LONG: every test program of the trusted core is run under MemorySanitizer, in
every run (RUN) or in ./run long (LONG; both separated by commas), or stands here with the reason why
not, and counts as skipped."""
import glob
import os
import sys

OPENSSL = "OpenSSL computes in it, which is not instrumented"
REASONS = {
    "attack/rsa_keys": "the chip makes no RSA keys",
    "attack/rsa_padding": OPENSSL,
    "component/pin_timing": "measures time",
    "component/wycheproof": "json-c, which reads the vectors, is not instrumented",
    "line/endpoint": "starts other programs, and OpenSSL computes in them",
    "model/differential": OPENSSL,
    "model/rules": "a search of states; component programs run the same commands",
    "unit/crypto_fault": "faults in OpenSSL",
    "unit/crypto_interop": OPENSSL,
    "unit/crypto_memory": "OpenSSL's memory",
    "unit/crypto_other_side": OPENSSL,
    "unit/image": OPENSSL,
    "unit/store_size": "100,000 objects with the daemon's limits: OpenSSL computes in it",
}
# Not of the trusted core: nothing to run, and nothing skipped.
OUTSIDE = (
    "component/cli", "component/cli_keys", "unit/cli_parts", "unit/client_link", "unit/heap", "unit/key_uri",
    "unit/lane", "unit/pkcs11_header", "unit/port_linux", "unit/sync")


def sources(test):
    for folder in ("unit", "component", "policy", "line", "powerloss", "attack", "model"):
        for path in sorted(glob.glob(os.path.join(test, folder, "*_test.c"))):
            yield folder + "/" + os.path.basename(path)[:-len("_test.c")]


def main(test, run, long):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    known = set(run) | set(long)
    for name in long:
        print(f"      ./run long: {name}")
    for name in sources(test):
        if name in REASONS and name not in known:
            print(f"skip  memory {name}: {REASONS[name]}")
            counts["skipped"] += 1
        elif name not in known and name not in OUTSIDE:
            print(f"FAIL  {name} is neither run nor left out with a reason")
            counts["failed"] += 1
    if counts["failed"] == 0:
        print("ok    every other program of the trusted core is run")
        counts["passed"] += 1
    print(", ".join(f"{n} {word}" for word, n in counts.items()))
    return counts["failed"] > 0


sys.exit(main(sys.argv[1], sys.argv[2].split(","), sys.argv[3].split(",")))
