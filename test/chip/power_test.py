#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills the chip at moments by chance while keys are made and destroyed, and while it starts, and looks
at what the next start finds (R-33): it works, every key that was confirmed is there and signs, none
that was destroyed is, a key that was being made is there as a whole or not at all, the deletion of one
can be finished, and the log is whole. Cuts at every write are tried natively (test/powerloss).

CUTS names how often (3), SEED the moments; the seed is told."""
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
pins = {}
for name in ("PIN", "SO_PIN"):
    pins[name] = os.path.join(work.name, name)
    with open(pins[name], "w", encoding="utf-8") as file:
        file.write(os.environ[name] + "\n")
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
chance = random.Random(seed)
print(f"# seed: {seed}")


def command(*arguments):
    return [EDGEHSM, *arguments, "--module", ADDRESS, "--pin-file", pins["PIN"], "--so-pin-file",
            pins["SO_PIN"]]


def edgehsm(*arguments):
    return subprocess.run(command(*arguments), text=True, capture_output=True, check=False, timeout=60)


def begin(*arguments):
    return subprocess.Popen(command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


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


def cut():
    """Cuts the power, and gives it again; now and then cuts it while the chip starts, too."""
    while True:
        with open(os.path.join(CHIP, "qemu.pid"), encoding="utf-8") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        counts["cuts"] += 1
        if chips:
            chips.pop().wait()
        chips.append(power())
        if chance.random() > 0.25:
            return
        time.sleep(chance.uniform(0, 1.2))
        counts["at the start"] += 1


def state():
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = edgehsm("status", "--json")
        if found.returncode == 0:
            return json.loads(found.stdout)["state"]
        time.sleep(0.05)
    return found.stderr


def keys():
    """Names, and what is there by them: a pair, or a half of one."""
    found = edgehsm("key", "list", "--json")
    return {key["name"]: key["kind"] for key in json.loads(found.stdout)}


def scenario(until):
    """Makes and destroys keys until then, and cuts the power. Returns what was under way, and whether
    that was a deletion."""
    while True:
        destroy = len(promised) > 3 and chance.random() < len(promised) / 16
        name = chance.choice(sorted(promised)) if destroy else f"key{counts['names']}"
        counts["names"] += not destroy
        step = begin("key", "delete", name, "--confirm", name) if destroy else begin("key", "new", name)
        while step.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        if step.poll() is None or time.monotonic() >= until:
            cut()
            step.wait()
            return name, destroy
        if step.returncode != 0:
            sys.exit(f"the scenario does not work: {name}")
        promised.symmetric_difference_update({name})


def is_whole(there, doubtful, destroy):
    """Whether what was promised is there, and nothing else but what was under way."""
    others = {name: kind for name, kind in there.items() if name != doubtful}
    rest = there.get(doubtful)
    if rest not in (None, "key pair") and destroy:  # the public key goes last
        rest = None if rest == "public key" and is_finished(doubtful) else rest
        there.pop(doubtful)
    return (rest in (None, "key pair") and
            others == {name: "key pair" for name in promised - {doubtful}})


def is_finished(name):
    counts["half deleted"] += 1
    return edgehsm("key", "delete", name, "--confirm", name).returncode == 0 and name not in keys()


def is_log_whole():
    """Takes the log out of the chip, which has room for some thousand records alone."""
    file = os.path.join(work.name, "log")
    for found in (edgehsm("log", "verify"), edgehsm("log", "export", file, "--release")):
        if found.returncode != 0:
            print(found.stdout + found.stderr)
            return False
    os.remove(file)
    return True


chips, wrong, promised = [], [], set()
counts = {"names": 0, "cuts": 0, "at the start": 0, "half deleted": 0}
cuts, logs_at = int(os.environ.get("CUTS", "3")), 25
while counts["cuts"] < cuts and not wrong:
    doubtful, destroy = scenario(time.monotonic() + chance.uniform(0.02, 1.2))
    how = state()
    there = keys() if how == "operational" else {}
    if how != "operational" or not is_whole(there, doubtful, destroy):
        wrong.append((counts["cuts"], how, there, promised, doubtful, destroy))
    promised = set(there)
    if counts["cuts"] >= logs_at:
        logs_at += 25
        if not is_log_whole():
            wrong.append((counts["cuts"], "the log"))
check(f"{counts['cuts']} cuts: the module works and holds what it promised", not wrong)
for row in wrong:
    print("     ", *row)
print(f"# cuts: {counts['cuts']}, {counts['at the start']} of them while the chip started; "
      f"{counts['names']} keys made, {counts['half deleted']} deletions finished afterwards")
if promised:
    name = sorted(promised)[0]
    request = os.path.join(work.name, "csr")
    made = edgehsm("key", "csr", name, "--subject", "/CN=test", "--out", request)
    check("a key that was kept signs", made.returncode == 0)
check("the log verifies", is_log_whole())
for chip in chips:
    chip.terminate()
    chip.wait()
end()
