#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Noise that is none: the chip makes no key of it, and stops (R-91)."""
import os
import random
import tempfile
import threading

from bench_of_chip import Chip, check, end, need

need()
work = tempfile.TemporaryDirectory()
chance = random.Random(90)


def noise_of(make):
    """A pipe that is fed with what make() gives, until nobody reads it any more."""
    path = os.path.join(work.name, make.__name__)
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR)

    def feed():
        try:
            while part := make():
                os.write(pipe, part)
        except OSError:
            pass

    threading.Thread(target=feed, daemon=True).start()
    return path


def stuck():
    return b"\x5a" * 256


def biased():
    return bytes(chance.choice((3, 80, 120, 251)) for _ in range(256))


block = os.urandom(500)


def repeated():
    return block


def silent():
    return b""


for make in (stuck, biased, repeated, silent):
    with Chip(noise=noise_of(make)) as chip:
        reason = chip.outcome()
        check(f"{make.__name__} noise: {reason}", "noise source" in reason and not chip.has_root())
end()
