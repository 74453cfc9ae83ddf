#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""demo/scan.py NEEDLES PID: looks for a key in the memory of every process of this machine, as root
can. NEEDLES holds the key with each byte turned over, so that no reader of the file has it; PID is
the chip, where it must be found, or this program finds nothing at all. Ends with 1 where another
process has 8 bytes of it, in either order."""
import os
import sys

CHUNK = 4 << 20
LARGEST = 4 << 30  # a mapping above is address space that was reserved, not memory


def needles_of(path):
    key = bytes(byte ^ 0xff for byte in open(path, "rb").read())
    pieces = [key[i:i + 8] for i in range(0, len(key), 8)]
    return pieces + [piece[::-1] for piece in pieces]


def mappings(pid):
    for line in open(f"/proc/{pid}/maps"):
        parts = line.split(None, 5)
        start, end = (int(word, 16) for word in parts[0].split("-"))
        if "r" in parts[1] and (len(parts) < 6 or "[v" not in parts[5]):
            yield start, end


def chunks(memory, start, end):
    tail = b""
    while start < end:
        memory.seek(start)
        part = memory.read(min(CHUNK, end - start))
        if not part:
            return
        yield tail + part
        tail = part[-7:]
        start += len(part)


def look(pid, needles, counts):
    found = False
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for start, end in mappings(pid):
            if end - start > LARGEST:
                counts["reserved"] += 1
                continue
            try:
                for part in chunks(memory, start, end):
                    counts["bytes"] += len(part)
                    found = found or any(needle in part for needle in needles)
            except (OSError, ValueError):
                counts["closed"] += end - start
    return found


def main():
    needles, chip = needles_of(sys.argv[1]), int(sys.argv[2])
    counts = {"bytes": 0, "closed": 0, "reserved": 0}
    holders, looked = [], 0
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        if pid == os.getpid():
            continue
        try:
            looked += 1
            if look(pid, needles, counts):
                holders.append(pid)
        except (OSError, ValueError):
            continue  # it has ended, or is a thread of the kernel
    print(f"looked through {counts['bytes'] >> 20} MiB of {looked} processes; "
          f"{counts['closed'] >> 20} MiB are closed even to root")
    if chip not in holders:
        sys.exit("the key is not found even in the chip: this search proves nothing")
    print(f"process {chip}, which is the chip: has it, as it must")
    for pid in holders:
        if pid != chip:
            name = open(f"/proc/{pid}/comm").read().strip()
            print(f"process {pid} ({name}): HAS THE KEY")
    sys.exit(0 if holders == [chip] else 1)


main()
