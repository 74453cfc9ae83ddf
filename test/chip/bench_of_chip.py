# SPDX-License-Identifier: Apache-2.0
"""A chip on the bench, for the tests of this folder: power, probe, and how results are told."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("EDGEHSM_CHIP", os.path.join(ROOT, "build-chip"))
BOOT = os.path.join(BUILD, "body", "firmware", "boot.elf")
IMAGE = os.path.join(BUILD, "body", "firmware", "firmware.img")

counts = {"passed": 0, "failed": 0}


def need():
    """Ends as skipped where the chip cannot be run here, saying why."""
    if not shutil.which("qemu-system-arm"):
        skip("qemu-system-arm is not installed (tools/need chip)")
    for file in (BOOT, IMAGE):
        if not os.path.exists(file):
            skip(f"{file} is not built (./run build --form chip)")


def skip(why):
    print(f"skip  {os.path.basename(sys.argv[0])}: {why}\n0 passed, 0 failed, 1 skipped")
    sys.exit(77)


def check(text, good):
    print(f"{'ok   ' if good else 'FAIL '} {text}", flush=True)
    counts["passed" if good else "failed"] += 1
    return good


def end():
    skipped = f", {counts['skipped']} skipped" if "skipped" in counts else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    sys.exit(counts["failed"] > 0)


class Chip:
    """A chip in a folder of its own; `with` powers it."""

    def __init__(self, image=IMAGE, noise="/dev/urandom", folder=None):
        self.image, self.noise = image, noise
        self.own = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="chip.")

    def __enter__(self):
        self.process = subprocess.Popen(
            [os.path.join(ROOT, "tools", "chip-qemu"), "--build", BUILD, "--image", self.image,
             "--noise", self.noise, self.folder], stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline().startswith("ready"):
            sys.exit("the chip cannot be powered")
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        if self.own:
            shutil.rmtree(self.folder)

    def probe(self, *arguments):
        found = subprocess.run([os.path.join(ROOT, "tools", "chip-probe"), self.folder, *arguments],
                               capture_output=True, text=True, check=False)
        return found.stdout.strip()

    def flash(self, at, size):
        with open(os.path.join(self.folder, "nv.bin"), "rb") as file:
            file.seek(at)
            return file.read(size)

    def has_root(self):
        """Whether the firmware ran far enough to make a root key."""
        return self.flash(0, 32) != b"\xff" * 32

    def outcome(self, patience=60):
        """What comes first: why it stopped, or "runs": handed over, and with a store."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            reason = self.probe("halted")
            if reason:
                return reason
            handed = self.probe("read", "0x3801ffc0", "8") == b"EHSMBOOT".hex()
            if handed and self.flash(8 * 4096, 4) != b"\xff" * 4:
                return "runs"
            time.sleep(0.05)
        return "nothing happened"
