#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""meddle.py LOG OUT edit|drop|cut|archive RECORD: what somebody may try with a log (doc/AUDIT.md).

  edit     turns a bit of the record
  drop     takes the record out
  cut      ends the log before the record
  archive  turns a bit of the record in the module's own archive: OUT is the folder of it"""
import pathlib
import struct
import sys

LEAF, MARK = 1, 16


def entries(data):
    """(start, end, kind) of each entry behind the first line."""
    at = data.index(b"\n") + 1
    while at < len(data):
        size, kind = struct.unpack_from("<II", data, at)
        yield at, at + 8 + size, kind
        at += 8 + size


def sequence(leaf):
    """The number of a leaf: the first pair of its map, {1: number, ...}."""
    head = leaf[MARK + 2]
    if leaf[MARK + 1] != 1 or head > 0x1B:
        sys.exit("meddle.py: not a leaf")
    if head < 24:
        return head
    size = 1 << (head - 24)
    return int.from_bytes(leaf[MARK + 3:MARK + 3 + size], "big")


def meddle_archive(folder, leaf):
    for segment in sorted(folder.iterdir()):
        data = segment.read_bytes()
        at = data.find(leaf)
        if at >= 0:
            last = at + len(leaf) - 1
            with open(segment, "r+b") as file:
                file.seek(last)
                file.write(bytes([data[last] ^ 1]))
            return
    sys.exit("meddle.py: the archive does not have this record")


def main():
    if len(sys.argv) != 5 or sys.argv[3] not in ("edit", "drop", "cut", "archive"):
        sys.exit(__doc__)
    path, out, verb, record = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    with open(path, "rb") as file:
        data = file.read()
    for start, end, kind in entries(data):
        if kind != LEAF or sequence(data[start + 8:end]) != record:
            continue
        if verb == "archive":
            return meddle_archive(pathlib.Path(out), data[start + 8:end])
        if verb == "edit":
            data = data[:end - 1] + bytes([data[end - 1] ^ 1]) + data[end:]
        else:
            data = data[:start] + (data[end:] if verb == "drop" else b"")
        with open(out, "wb") as file:
            file.write(data)
        return
    sys.exit(f"meddle.py: no record {record}")


main()
