#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills the chip at moments by chance while keys are made, used and destroyed, and looks at what the
next start finds (R-33): it works, every key that was confirmed is there and signs, none that was
destroyed is, and the log verifies. Cuts at every write are tried natively (test/powerloss).

CUTS names how often (3)."""
import atexit
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

from bench_of_chip import BUILD, ROOT, check, end, need

need()
if "CHIP_DIR" not in os.environ:
    os.execv(os.path.join(ROOT, "tools", "with-module"),
             ["with-module", "--form", "chip", os.path.abspath(__file__)])

CHIP, EDGEHSM, ADDRESS = (os.environ[name] for name in ("CHIP_DIR", "EDGEHSM", "EDGEHSM_MODULE"))
work = tempfile.TemporaryDirectory()
pin = os.path.join(work.name, "pin")
with open(pin, "w", encoding="utf-8") as file:
    file.write(os.environ["PIN"] + "\n")
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
chance = random.Random(seed)
print(f"# seed {seed}")


def edgehsm(*arguments, patience=30):
    return subprocess.run([EDGEHSM, *arguments, "--module", ADDRESS, "--pin-file", pin], text=True,
                          capture_output=True, check=False, timeout=patience)


def begin(*arguments):
    return subprocess.Popen([EDGEHSM, *arguments, "--module", ADDRESS, "--pin-file", pin],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def cut():
    with open(os.path.join(CHIP, "qemu.pid"), encoding="utf-8") as file:
        os.kill(int(file.read()), signal.SIGKILL)


def power():
    sockets = os.path.join(CHIP, "host.sock")
    until = time.monotonic() + 10
    while os.path.exists(sockets) and time.monotonic() < until:
        time.sleep(0.02)
    process = subprocess.Popen([os.path.join(ROOT, "tools", "chip-qemu"), "--build", BUILD, CHIP],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    atexit.register(process.terminate)
    if not process.stdout.readline().startswith("ready"):
        sys.exit("the chip cannot be powered")
    os.chmod(sockets, 0o666)
    return process


def state():
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = edgehsm("status", "--json")
        if found.returncode == 0:
            return json.loads(found.stdout)["state"]
        time.sleep(0.1)
    return found.stderr


def keys():
    found = edgehsm("key", "list", "--json")
    return {key["name"] if key["kind"] == "key pair" else str(key)
            for key in json.loads(found.stdout)}


promised, number = set(), 0


def scenario(until):
    """Makes and destroys keys until the cut; returns the name that was under way."""
    global number
    while True:
        destroy = len(promised) > 3 and chance.random() < 0.5
        name = chance.choice(sorted(promised)) if destroy else f"key{number}"
        number += not destroy
        step = begin("key", "delete", name, "--confirm", name) if destroy else begin("key", "new", name)
        while step.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        if step.poll() is None or time.monotonic() >= until:
            cut()
            step.wait()
            return name
        if step.returncode != 0:
            sys.exit(f"the scenario does not work: {name}")
        promised.symmetric_difference_update({name})


chips, wrong = [], []
cuts = int(os.environ.get("CUTS", "3"))
for i in range(cuts):
    doubtful = scenario(time.monotonic() + chance.uniform(0.02, 2.5))
    chips.append(power())
    how = state()
    there = keys() if how == "operational" else set()
    if how != "operational" or there - {doubtful} != promised - {doubtful}:
        wrong.append((i, how, sorted(there ^ promised), doubtful))
        break
    promised = there
check(f"{cuts} cuts: the module works and holds what it promised", not wrong)
for row in wrong:
    print("     ", *row)
if promised:
    name = sorted(promised)[0]
    request = os.path.join(work.name, "csr")
    made = edgehsm("key", "csr", name, "--subject", "/CN=test", "--out", request)
    check("a key that was kept signs", made.returncode == 0)
verified = edgehsm("log", "verify")
check("the log verifies", verified.returncode == 0)
for chip in chips:
    chip.terminate()
    chip.wait()
end()
