#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""chip.py: what a policy adds to a P-256 signature on the emulated chip, in instructions, counted by
the emulator from the arrival of a request to its reply. Both kinds of signature are made in turns in
one run. ./run bench --form chip starts it; SECONDS_EACH (20) may be set."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "test", "chip"))
from bench_of_chip import BUILD  # noqa: E402
from debugger import Debugger  # noqa: E402

PROGRAM = os.path.join(BUILD, "body", "firmware", "firmware.elf")
BENCH = os.path.join(os.environ.get("EDGEHSM_BUILD", os.path.join(ROOT, "build")), "bench", "bench")
SIGN, SIGN_MESSAGE = 0x51, 0x5A  # proto/commands.def
FRAME_CODE = 4  # where a frame says its command (proto/frame.h)
LR, FOURTH = 14, 3  # registers: the return address, the fourth argument
PERCENT_MAX = 2
WRAP = 50 << 32  # of the clock


def symbols():
    listing = subprocess.run(["arm-none-eabi-nm", PROGRAM], capture_output=True, text=True, check=True)
    return {line.split()[2]: int(line.split()[0], 16) for line in listing.stdout.splitlines()}


class Counter:
    """Lets the chip work, and counts what each request of the two commands takes before, in, and
    after the signature itself."""

    def __init__(self, folder):
        self.chip = Debugger(folder)
        self.at = symbols()
        self.before, self.counts = None, {SIGN: [], SIGN_MESSAGE: [], "again": []}
        self.chip.stop_at(self.at["hsm_check"])
        self.chip.send("c")

    def between(self, here, place):
        """Goes on from the breakpoint `here` to `place`; what the clock says then."""
        self.chip.stop_at(place)
        self.chip.go(here)
        return self.chip.now()

    def count(self, check):
        times = [self.chip.now(), self.between(check, self.at["crypto_sign"])]
        after = self.chip.register(LR) & ~1
        times += [self.between(self.at["crypto_sign"], after), self.between(after, self.at["hsm_commit"])]
        end = self.chip.register(LR) & ~1
        times.append(self.between(self.at["hsm_commit"], end))
        self.chip.pass_by(end)
        parts = [(b - a) % WRAP for a, b in zip(times, times[1:])]
        return parts[0], parts[1], parts[2] + parts[3]

    def one(self):
        """The request that just arrived. The first message is refused: buckets begin empty."""
        check = self.at["hsm_check"]
        request = self.chip.register(FOURTH)
        code = int.from_bytes(self.chip.memory(request + FRAME_CODE, 4), "little")
        if code in self.counts and (code == SIGN or self.before in self.counts):
            again = code == SIGN_MESSAGE and self.before == SIGN
            self.counts["again" if again else code].append(self.count(check))
        else:
            self.chip.pass_by(check)
            self.chip.ask("s")
        self.before = code
        self.chip.stop_at(check)
        self.chip.send("c")

    def run(self, bench):
        while bench.poll() is None:
            self.chip.link.settimeout(1)
            try:
                self.chip.answer()
            except TimeoutError:
                continue
            self.chip.link.settimeout(120)
            self.one()
        self.chip.link.settimeout(120)
        self.chip.link.sendall(b"\x03")
        self.chip.answer()
        self.chip.leave()


def least(counts):
    """What the emulator adds by chance can only add: the least of each part."""
    return [min(part) for part in zip(*counts)]


def report(counts):
    plain, bound, again = (least(counts[kind]) for kind in (SIGN, SIGN_MESSAGE, "again"))
    whole = sum(plain)
    added, reading = (kind[0] + kind[2] - plain[0] - plain[2] for kind in (bound, again))
    percent = 100 * added / whole
    print(f"P-256 without a policy: {whole} instructions, {plain[1]} of them in the signature "
          f"(the least of {len(counts[SIGN])}).")
    print(f"A policy of 7 lines adds {added}: {percent:.2f} % (goal: at most {PERCENT_MAX} %)"
          f"{' ok' if percent <= PERCENT_MAX else ' **above**'} (the least of "
          f"{len(counts[SIGN_MESSAGE])}).")
    print(f"After another command the policy is read again, and {reading} are added: "
          f"{100 * reading / whole:.2f} %.")
    return 0 if percent <= PERCENT_MAX else 1


def main():
    if "CHIP_DIR" not in os.environ:
        os.environ["EDGEHSM_COUNTED"] = "1"
        os.execv(os.path.join(ROOT, "tools", "with-module"),
                 ["with-module", "--form", "chip", sys.executable, os.path.abspath(__file__)])
    counter = Counter(os.environ["CHIP_DIR"])
    seconds = os.environ.get("SECONDS_EACH", "20")
    with subprocess.Popen([BENCH, "chip", "policy", seconds, "4"], stdout=subprocess.PIPE) as bench:
        counter.run(bench)
        if bench.wait() != 0:
            sys.exit("bench/chip.py: the bench failed")
    sys.exit(report(counter.counts))


main()
