#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Alarms as they leave the command line, beside a real daemon (tools/with-module): syslog messages
over UDP, TCP and a datagram socket, read by RFC 5424's own grammar; Prometheus text over a socket,
asked for by curl and by hand; JSON lines. Prints TAP."""
import http.client
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

EDGEHSM = os.environ["EDGEHSM"]
WORK = tempfile.mkdtemp(prefix="alarms.")
count = failed = 0


def check(good, name, found=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}{'' if good else f' # found: {found}'}", flush=True)


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}", flush=True)


def run(*words):
    return subprocess.run([EDGEHSM, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)


def pin_file(name, pin):
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(pin + "\n")
    os.chmod(path, 0o600)
    return path


RIGHT, WRONG = pin_file("right", os.environ["PIN"]), pin_file("wrong", "00000000")


def guess(times):
    for _ in range(times):
        run("key", "list", "--pin-file", WRONG)


# ---- RFC 5424, section 6: header, structured data, message

SD_NAME = r"[!#-<>-\\^-~]{1,32}"
LINE = re.compile(
    r"<(\d{1,3})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))"
    r" ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32})"
    rf" \[({SD_NAME})((?: {SD_NAME}=\"(?:[^\"\\\]]|\\[\"\\\]])*\")*)\] (.*)", re.DOTALL)
PARAM = re.compile(rf" ({SD_NAME})=\"((?:[^\"\\\]]|\\[\"\\\]])*)\"")


def parse(line):
    match = LINE.fullmatch(line)
    if match is None:
        return None
    return {"pri": int(match[1]), "app": match[4], "msgid": match[6], "id": match[7],
            "data": {name: re.sub(r"\\(.)", r"\1", value) for name, value in PARAM.findall(match[8])},
            "text": match[9]}


def check_line(line, name, kind, text):
    parsed = parse(line)
    good = (parsed is not None and parsed["pri"] // 8 == 10 and parsed["app"] == "edgehsm" and
            parsed["msgid"] == "alarm" and parsed["id"].startswith("edgehsm@") and
            parsed["data"].get("kind") == kind and re.search(text, parsed["text"]) is not None)
    check(good, name, line)


# ---- receivers

def receive(fd, seconds=8):
    ready, _, _ = select.select([fd], [], [], seconds)
    return fd.recv(65536).decode() if ready else ""


def counted(stream, seconds=8):
    """One message of a stream with counted octets (RFC 6587, 3.4.1)."""
    data, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        size, blank, rest = data.partition(b" ")
        if blank and len(rest) >= int(size):
            return rest[:int(size)].decode()
        ready, _, _ = select.select([stream], [], [], 1)
        if ready:
            more = stream.recv(65536)
            if not more:
                return ""
            data += more
    return ""


class Watch:
    def __init__(self, *words):
        self.process = subprocess.Popen([EDGEHSM, "alarms", *words], stdout=subprocess.PIPE)
        self.rest = b""

    def line(self, seconds=8):
        end = time.monotonic() + seconds
        while b"\n" not in self.rest and time.monotonic() < end:
            ready, _, _ = select.select([self.process.stdout], [], [], 1)
            if ready:
                self.rest += os.read(self.process.stdout.fileno(), 65536)
        line, _, self.rest = self.rest.partition(b"\n")
        return line.decode()

    def end(self):
        self.process.terminate()
        return self.process.wait(10)


def records():
    return json.loads(run("status", "--json").stdout)["log_records"]


# ---- what is tried

def try_list():
    shown = run("alarms")
    check(shown.returncode == 0 and shown.stdout == "", "at the start there is none", shown.stdout)
    guess(3)
    shown = run("alarms")
    check("3 wrong PINs within" in shown.stdout, "a burst of wrong PINs is in the list", shown.stdout)
    rows = json.loads(run("alarms", "--json").stdout)
    check(len(rows) == 1 and rows[0]["kind"] == "login" and rows[0]["count"] == 3,
          "and as JSON", rows)
    logged = run("log", "show", "--all", "-n", "40").stdout
    check("3 wrong PINs within" in logged and "alarm" in logged, "and in the log", logged)
    watch = Watch("--follow")
    watch.line()
    numbers = [records(), records()]
    time.sleep(4)
    numbers.append(records())
    watch.end()
    check(numbers[2] - numbers[1] == numbers[1] - numbers[0],
          "whoever watches leaves no records", numbers)


def try_udp():
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    sent = run("alarms", "--syslog", f"udp:127.0.0.1:{receiver.getsockname()[1]}")
    check(sent.returncode == 0, "the list is sent over UDP", sent.stderr)
    check_line(receive(receiver), "an alarm over UDP is a syslog message", "login", r"3 wrong PINs")


def try_tcp_follows_a_receiver_that_restarts():
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    watch = Watch("--follow", "--syslog", f"tcp:127.0.0.1:{port}")
    stream, _ = listener.accept()
    check_line(counted(stream), "an alarm over TCP has its octets counted", "login", r"3 wrong PINs")
    stream.close()
    listener.close()
    guess(1)  # the fourth: half of the tries are gone
    time.sleep(1.5)
    listener = socket.create_server(("127.0.0.1", port))
    stream, _ = listener.accept()
    check_line(counted(stream), "what came while nobody listened is sent afterwards", "login",
               r"4 wrong PINs in a row, 4 tries left")
    check(watch.end() == 0, "the watch ends when it is told to")
    stream.close()
    listener.close()


def try_datagrams():
    path = os.path.join(WORK, "log")
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(path)
    sent = run("alarms", "--syslog", path)
    lines = [receive(receiver), receive(receiver)]
    check(sent.returncode == 0, "the list is sent to a socket of this machine", sent.stderr)
    check_line(lines[1], "and the newest comes last", "login", r"4 wrong PINs")
    gone = run("alarms", "--syslog", os.path.join(WORK, "nobody"))
    check(gone.returncode != 0 and "nobody takes syslog messages there" in gone.stderr,
          "a receiver that is not there is told", gone.stderr)
    wrong = run("alarms", "--syslog", "carrier-pigeon")
    check(wrong.returncode == 2, "an address that is none is told", wrong.stderr)


POLICY = '''policy "line3" version 1
key "plc-7"
message cbor {
  1 op : one of "set" "stop"
}
allow op is "set"
allow op is "stop"
alarm refusals 3 per 10m then suspend and alert except op is "stop"
'''


def try_policy():
    path = os.path.join(WORK, "line3.policy")
    with open(path, "w", encoding="utf-8") as file:
        file.write(POLICY)
    made = run("key", "new", "cmd", "--policy", path, "--pin-file", RIGHT)
    check(made.returncode == 0, "a key has a policy with an alarm", made.stderr)

    def sign(text):
        return run("sign", "-k", "cmd", "--message", text, "-o", os.path.join(WORK, "out"),
                   "--pin-file", RIGHT)

    check(sign("op=set").returncode == 0, "it signs")
    watch = Watch("--follow", "--json")
    for _ in range(2):
        watch.line()
    for _ in range(3):
        run("sign", "-k", "cmd", "--message", "cbor a1 01 63 62 61 64", "-o", os.path.join(WORK, "out"),
            "--pin-file", RIGHT)
    line = watch.line()
    found = json.loads(line) if line else {}
    check(found.get("what") == "key plc-7: 3 messages refused within 10 min" and
          found.get("actions") == "alert,suspend", "refusals in a burst are told as they come", line)
    watch.end()
    refused = sign("op=set")
    check(refused.returncode != 0 and "EH-2606" in refused.stderr, "and suspend the key", refused.stderr)
    check(sign("op=stop").returncode == 0, "but for what is excepted")
    shown = run("key", "show", "cmd", "--json", "--pin-file", RIGHT)
    check('"line3, version 1"' in shown.stdout and "alarm" in shown.stdout,
          "which is seen of it", shown.stdout)
    resumed = run("key", "resume", "cmd", "--pin-file", RIGHT)
    check(resumed.returncode != 0 and "roles file" in resumed.stderr,
          "nobody alone lets it work again", resumed.stderr)


# ---- Prometheus: the text format, line by line

METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_]\w*=\"[^\"\\]*\"(,[a-zA-Z_]\w*=\"[^\"\\]*\")*\})? \d+")
HELP = re.compile(r"# (HELP [a-zA-Z_:][a-zA-Z0-9_:]* .+|TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge))")


def read_text(text):
    values = {}
    for line in text.splitlines():
        if METRIC.fullmatch(line):
            name, value = line.rsplit(" ", 1)
            values[name] = int(value)
        elif not HELP.fullmatch(line):
            return None
    return values


def ask_by_hand(path, request):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(8)
    client.connect(path)
    client.sendall(request)
    answer = http.client.HTTPResponse(client)
    answer.begin()
    return answer.status, answer.read().decode()


def try_metrics():
    path = os.path.join(WORK, "metrics.sock")
    watch = Watch("--metrics", path)
    for _ in range(50):
        if os.path.exists(path):
            break
        time.sleep(0.1)
    idle = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    idle.connect(path)  # says nothing, and holds nobody up for long
    status, text = ask_by_hand(path, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    values = read_text(text)
    check(status == 200 and values is not None, "the numbers are in Prometheus' text format", text)
    values = values or {}
    check(values.get("edgehsm_up") == 1 and values.get('edgehsm_state{state="operational"}') == 1,
          "they tell the module's state", values)
    check(values.get('edgehsm_alarms_total{kind="login"}') == 2 and
          values.get('edgehsm_alarms_total{kind="refusals"}') == 1 and
          values.get("edgehsm_wrong_pins_total") == 4, "and count alarms and wrong PINs", values)
    check(values.get('edgehsm_commands_total{result="refused"}', 0) >= 8 and
          values.get("edgehsm_log_free_records", 0) > 1000 and "edgehsm_log_lost_total" in values,
          "and refusals and the log's room", values)
    status, text = ask_by_hand(path, b"POST / HTTP/1.0\r\n\r\n")
    check(status == 405 and text == "", "nothing but GET is answered", status)
    if shutil.which("curl"):
        got = subprocess.run(["curl", "-sS", "--unix-socket", path, "http://localhost/metrics"],
                             capture_output=True, text=True)
        check(got.returncode == 0 and read_text(got.stdout) is not None, "curl reads them", got.stderr)
    else:
        skip("curl reads them", "curl is not installed: tools/need test")
    check(watch.end() == 0 and not os.path.exists(path), "the socket goes with the watch")
    idle.close()


try:
    try_list()
    try_udp()
    try_tcp_follows_a_receiver_that_restarts()
    try_datagrams()
    try_policy()
    try_metrics()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
print(f"1..{count}")
sys.exit(failed > 0)
