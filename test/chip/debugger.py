# SPDX-License-Identifier: Apache-2.0
"""The processor of a chip that was powered with --counted, through gdb's protocol: where it stops,
and how many instructions it ran."""
import os
import re
import socket
import sys

TIMER_VALUE, TICK = 0x50000004, 50  # counts down, once in 50 ns: in 50 instructions


class Debugger:
    """The processor, through the protocol of gdb."""

    def __init__(self, folder):
        self.link = socket.socket(socket.AF_UNIX)
        here = os.getcwd()
        os.chdir(folder)  # names of sockets are short
        self.link.connect("gdb.sock")
        os.chdir(here)
        self.link.settimeout(120)
        self.buffer = b""

    def send(self, text):
        self.link.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) % 256))

    def answer(self):
        while True:
            found = re.match(rb"[+]*\$([^#]*)#..", self.buffer, re.DOTALL)
            if found:
                self.buffer = self.buffer[found.end():]
                self.link.sendall(b"+")
                return found[1].decode()
            part = self.link.recv(4096)
            if not part:
                sys.exit("the chip is off")
            self.buffer += part

    def ask(self, text):
        self.send(text)
        answer = self.answer()
        while answer.startswith("T") and text not in ("c", "s"):
            answer = self.answer()  # that it stopped for the debugger
        return answer

    def stop_at(self, address):
        found = self.ask(f"Z1,{address:x},2")
        if found != "OK":
            sys.exit(f"no breakpoint: {found}")

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask("g"))[4 * number:4 * number + 4], "little")

    def memory(self, address, size):
        return bytes.fromhex(self.ask(f"m{address:x},{size:x}"))

    def pass_by(self, address):
        self.ask(f"z1,{address:x},2")

    def go(self, at):
        """From the breakpoint at `at` to the next one."""
        self.pass_by(at)
        self.ask("s")
        self.ask("c")

    def now(self):
        return -TICK * int.from_bytes(bytes.fromhex(self.ask(f"m{TIMER_VALUE:x},4")), "little")

    def leave(self):
        self.ask("D")
        self.link.close()
