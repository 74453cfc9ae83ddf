#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the boot stage of the chip runs, and what it does not (R-90). Every bit of the header is
tried natively (test/unit/image_test.c); here are samples, on the chip."""
import hashlib
import os
import random
import subprocess
import tempfile

from bench_of_chip import IMAGE, ROOT, Chip, check, end, need

need()
work = tempfile.TemporaryDirectory()
with open(IMAGE, "rb") as file:
    good = file.read()


def place(data):
    path = os.path.join(work.name, "image")
    with open(path, "wb") as file:
        file.write(data)
    return path


def made(version, key=os.path.join(ROOT, "body", "firmware", "development-key.pem")):
    path, body = os.path.join(work.name, f"made{version}"), os.path.join(work.name, "body")
    with open(body, "wb") as file:
        file.write(good[512:])
    subprocess.run([os.path.join(ROOT, "tools", "chip-image"), "make", body, path, "--key", key,
                    "--version", str(version)], check=True)
    return path


with Chip() as chip:
    check("the image runs", chip.outcome() == "runs")
    handed = bytes.fromhex(chip.probe("read", "0x3801ffc0", "48")[:96])
    check("its measurement is handed over", handed[8:40] == hashlib.sha256(good[:256]).digest())

chance = random.Random(4)
places = [0, 16, 40, 100, 260, 300, 500] + [chance.randrange(512, len(good)) for _ in range(3)]
started = []
for at in places:
    bad = bytearray(good)
    bad[at] ^= 1 << chance.randrange(8)
    with Chip(place(bad)) as chip:
        if "image is" not in chip.outcome() or chip.has_root():
            started.append(at)
check(f"no image with a bit flipped runs ({len(places)} tried)", not started)
if started:
    print("      ran:", started)

with Chip(place(bytes(len(good)))) as chip:
    check("no image, no start", "damaged, or none" in chip.outcome())

stranger = os.path.join(work.name, "stranger.pem")
subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", stranger], check=True,
               capture_output=True)
with Chip(made(1, stranger)) as chip:
    check("another's signature counts for nothing", "not signed" in chip.outcome())

folder = os.path.join(work.name, "chip")
with Chip(made(3), folder=folder) as chip:
    check("a newer version runs", chip.outcome() == "runs")
with Chip(made(2), folder=folder) as chip:
    check("then an older one does not", "older" in chip.outcome())
with Chip(made(3), folder=folder) as chip:
    check("and the same one does", chip.outcome() == "runs")
end()
