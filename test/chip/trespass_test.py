#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The chip's memory protection: each thing that must be a fault is tried by an image made for it
(body/firmware/trespass.c), signed as any other, and ends in a chip that has stopped."""
import os
import struct
import tempfile
import time

from bench_of_chip import BUILD, Chip, check, end, need

need()
IMAGE = os.path.join(BUILD, "body", "firmware", "trespass.img")
WISHES = {0: "nothing forbidden", 1: "running what is in RAM", 2: "running what is in flash",
          3: "changing code", 4: "reading the boot stage", 5: "entering the boot stage",
          6: "using more stack than there is", 7: "writing where nothing is"}


def attempt(wish):
    """Whether it began, whether it got through, and why the chip stopped."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "nv.bin"), "wb") as file:
            flash = bytearray(b"\xff" * (1 << 20))
            flash[6 * 4096:6 * 4096 + 4] = struct.pack("<I", wish)
            file.write(flash)
            file.truncate(16 << 20)
        with Chip(IMAGE, folder=folder) as chip:
            until, reason = time.monotonic() + 15, ""
            while not reason and time.monotonic() < until:
                reason = chip.probe("halted")
            began, through = struct.unpack("<II", chip.flash(7 * 4096, 8))
    return began == 0x600D, through == 0xBAD, reason


for wish, text in WISHES.items():
    began, through, reason = attempt(wish)
    allowed = wish == 0
    check(f"{text}: {reason}", began and through == allowed and
          ("got through" if allowed else "a fault of the processor") in reason)
end()
