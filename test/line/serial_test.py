#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""serial_test.py ENDPOINT SOFT_CHIP EDGEHSM: the endpoint on a serial device, which is a
pseudo-terminal here: pairing, work, and a device that is pulled out. Prints TAP."""
import os
import pwd
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty

endpoint, soft_chip, edgehsm = (os.path.abspath(path) for path in sys.argv[1:4])
user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
failed = number = 0


def check(name, holds, said=""):
    global failed, number
    number += 1
    failed += not holds
    print(f"{'ok' if holds else 'not ok'} {number} - {name}" + ("" if holds else f" # {said!r}"))


def carry(master, chip, stopping):
    while not stopping.is_set():
        ready = select.select([master, chip], [], [], 0.05)[0]
        if master in ready:
            chip.sendall(os.read(master, 4096))
        if chip in ready:
            os.write(master, chip.recv(4096))


def wait_for(path, text):
    for _ in range(600):
        with open(path) as file:
            if text in file.read():
                return True
        time.sleep(0.05)
    return False


def main():
    work = tempfile.mkdtemp(prefix="edgehsm-serial.")
    os.chmod(work, 0o777)
    chip_path, log = f"{work}/chip.sock", f"{work}/log"
    chip = subprocess.Popen([soft_chip, "--listen", chip_path], stdout=subprocess.PIPE)
    chip.stdout.readline()
    link = socket.socket(socket.AF_UNIX)
    link.connect(chip_path)
    master, slave = os.openpty()
    tty.setraw(slave)
    device = os.ttyname(slave)
    os.chmod(device, 0o666)
    stopping = threading.Event()
    thread = threading.Thread(target=carry, args=(master, link, stopping))
    thread.start()
    words = [endpoint, "--chip", device, "--speed", "115200", "--state", f"{work}/state", "--user",
             user, "--socket", f"{work}/module.sock", "--mode", "0666", "--allow-swap"]
    paired = subprocess.run(words + ["--pair"], capture_output=True, text=True)
    check("a_chip_on_a_serial_device_is_paired", paired.returncode == 0, paired.stderr)
    with open(log, "w") as file:
        process = subprocess.Popen(words, stderr=file)
    check("its_channel_stands", wait_for(log, "the channel stands"), open(log).read())
    status = subprocess.run([edgehsm, "--module", f"unix:{work}/module.sock", "status"],
                            capture_output=True, text=True)
    check("programs_reach_it", "factory" in status.stdout, status.stdout + status.stderr)
    stopping.set()
    thread.join()
    os.close(master)
    os.close(slave)
    gone = wait_for(log, "is gone: ending, to be started again")
    check("a_device_that_is_pulled_out_ends_the_endpoint_with_a_reason", gone, open(log).read())
    check("and_with_a_status_that_has_it_started_again", process.wait(timeout=30) == 1)
    chip.kill()
    chip.wait()
    shutil.rmtree(work, ignore_errors=True)
    print(f"1..{number}")
    sys.exit(failed > 0)


main()
