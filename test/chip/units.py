#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""units.py [all]: the unit and component tests that test/target built for the chip, on the emulated
chip (R-92). all: those too that take minutes there. What is left out is named with the reason; a
test that nobody built for the chip is counted as skipped."""
import glob
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench_of_chip import BUILD, ROOT, check, counts, end, need, skip  # noqa: E402

PLACE = os.path.join(BUILD, "test", "target")
FOLDERS = ("unit", "component", "policy")
# Minutes on the emulated chip: ./run long has them.
LONG = (
    "component_frames", "component_matrix", "component_must_log", "component_overlap",
    "component_templates", "unit_audit", "unit_crypto_fault_mcu", "unit_crypto_rsa",
    "unit_m33_storage", "unit_store", "unit_store_failure")
# What would take hours there: the percent of it that every run has (0: ./run long has it), and that
# ./run long has.
SHARES = {
    "component_attacks": (0, 10),
    "component_faults": (1, 100),
    "component_library_failure": (1, 100),
    "component_needles": (1, 10),
    "component_shape": (2, 25),
    "component_streams": (1, 20),
    "policy_policy": (25, 100),
    "unit_audit_failure": (0, 25),
    "unit_crypto_signature": (25, 100),
    "unit_log_verify": (0, 25),
}
# What needs something of the host.
LEFT_OUT = {
    "component_cli": "the command line is a program of the host",
    "component_cli_keys": "the command line is a program of the host",
    "component_pin_timing": "measures time in wall clock; test/constant counts instructions instead",
    "component_wycheproof": "reads a folder of vectors; wycheproof.sh puts them through the line",
    "unit_cli_parts": "the command line is a program of the host",
    "unit_client_link": "sockets and shared memory of Linux",
    "unit_crypto_fault": "faults in OpenSSL",
    "unit_crypto_interop": "both ways with OpenSSL; runs natively with the chip's libraries",
    "unit_crypto_memory": "OpenSSL's memory",
    "unit_crypto_other_side": "compares with OpenSSL; runs natively with the chip's libraries",
    "unit_crypto_threads": "threads and processes of Linux",
    "unit_heap": "the daemon's heap",
    "unit_image": "signs images with OpenSSL; boot_test.py boots them",
    "unit_key_uri": "the command line is a program of the host",
    "unit_lane": "shared memory of Linux",
    "unit_log_examples": "reads folders of published examples",
    "unit_pkcs11_header": "the library of the host",
    "unit_port_linux": "the platform Linux",
    "unit_store_size": "the daemon's store of 100,000 objects",
    "unit_sync": "threads of the daemon",
}


def arguments(name, whole):
    """What the program is started with: as its test on the host is, and which share it runs."""
    if name == "policy_table":
        tables = os.path.join(ROOT, "test", "policy", "tables.sh")
        return subprocess.check_output([tables, ROOT, shutil.which("echo")], text=True).split()
    return [f"EHSM_SHARE={SHARES[name][whole]}"] if name in SHARES else []


def sources():
    for folder in FOLDERS:
        for path in sorted(glob.glob(os.path.join(ROOT, "test", folder, "*_test.c"))):
            yield folder + "_" + os.path.basename(path)[:-len("_test.c")]


def run(name, whole):
    """One program on a chip of its own; adds its tests to the counts."""
    program = os.path.join(PLACE, name + ".elf")
    began = time.monotonic()
    given = "".join(f",arg={word}" for word in [name] + arguments(name, whole))
    try:
        done = subprocess.run(
            ["qemu-system-arm", "-M", "mps2-an505", "-display", "none", "-monitor", "none", "-net",
             "none", "-serial", "null", "-semihosting-config", "enable=on,target=native" + given, "-kernel",
             program], capture_output=True, text=True, timeout=1800, check=False, stdin=subprocess.DEVNULL,
            cwd=ROOT)
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        output, status = (late.stdout or b"").decode(), "no end within half an hour"
    words = {"ok": 0, "FAIL": 0, "skip": 0}
    for line in output.replace("not ok ", "FAIL  ").splitlines():
        word = line.split(" ")[0]
        if word in words and not line.endswith("skipped"):
            words[word] += 1
        if word in ("FAIL", "skip"):
            print(f"{word:5} {name}: {line[5:].strip()}")
        elif line.startswith("      "):
            print(line)
    told = output.splitlines()[-1] if output else ""
    whole = told in (f"{words['ok']} passed, {words['FAIL']} failed, {words['skip']} skipped",
                     f"1..{words['ok'] + words['FAIL']}")
    if not whole or (status != 0 and words["FAIL"] == 0):
        check(f"{name}: did not tell its end: status {status}: {told}", False)
    counts["passed"] += words["ok"]
    counts["failed"] += words["FAIL"]
    counts["skipped"] += words["skip"]
    print(f"      {name}: {told} in {time.monotonic() - began:.1f} s", flush=True)


def main():
    need()
    if not os.path.exists(os.path.join(PLACE, "unit_cbor.elf")):
        skip(f"{PLACE} has no test programs (./run build --form chip)")
    counts["skipped"] = 0
    whole = sys.argv[1:] == ["all"]
    for name in sources():
        built = os.path.exists(os.path.join(PLACE, name + ".elf"))
        if name in LEFT_OUT:
            print(f"      left out: {name}: {LEFT_OUT[name]}")
        elif not built:
            print(f"skip  {name}: test/target/meson.build does not build it for the chip")
            counts["skipped"] += 1
        elif not whole and (name in LONG or SHARES.get(name, (1,))[0] == 0):
            print(f"      ./run long: {name}: takes minutes")
        else:
            run(name, whole)
    end()


main()
