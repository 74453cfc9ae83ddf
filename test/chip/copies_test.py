#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""After keys were imported and used, the chip's RAM holds each of them once, where keys are kept
ready, and neither PIN nor root key at all (R-03): no copy is left on the stack, in the buffers of a
request or in those of the line."""
import os
import re
import shutil
import subprocess
import tempfile

from bench_of_chip import BUILD, ROOT, check, end, need, skip

need()
if not shutil.which("pkcs11-tool"):
    skip("pkcs11-tool is not installed (tools/need test)")
if "CHIP_DIR" not in os.environ:
    os.execv(os.path.join(ROOT, "tools", "with-module"),
             ["with-module", "--form", "chip", "--profile", "compatible", os.path.abspath(__file__)])

WINDOW = 8
CHIP, PIN = os.environ["CHIP_DIR"], os.environ["PIN"]
work = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(work.name, name)


def content(name):
    with open(path(name), "rb") as file:
        return file.read()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        check(f"{' '.join(command[:1] + command[-4:])}: {done.stderr.strip()}", False)
    return done.stdout


def token(*arguments):
    run("pkcs11-tool", "--module", os.environ["MODULE"], "--login", "--pin", PIN, *arguments)


def make_keys():
    """Secrets by name; the files hold what is imported."""
    with open(path("aes"), "wb") as file:
        file.write(os.urandom(32))
    with open(path("data"), "wb") as file:
        file.write(os.urandom(64))
    run("openssl", "genrsa", "-traditional", "-out", path("rsa.pem"), "2048")
    run("openssl", "rsa", "-in", path("rsa.pem"), "-outform", "DER", "-traditional", "-out", path("rsa"))
    run("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-outform", "DER", "-out",
        path("ec"))
    text = run("openssl", "rsa", "-in", path("rsa.pem"), "-noout", "-text")
    secrets = {"AES key": content("aes")}
    for name in ("privateExponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient"):
        digits = re.search(name + r":\s*\n((?:\s+[0-9a-f:]+\n)+)", text)[1]
        secrets["RSA " + name] = bytes.fromhex(re.sub(r"[\s:]", "", digits)).lstrip(b"\0")
    ec = content("ec")
    secrets["EC key"] = ec[ec.index(b"\x04\x20") + 2:][:32]
    return secrets


def use_keys():
    token("--write-object", path("aes"), "--type", "secrkey", "--key-type", "AES:32", "--id", "01",
          "--label", "aes", "--usage-decrypt", "--sensitive")
    token("--write-object", path("rsa"), "--type", "privkey", "--id", "02", "--label", "rsa",
          "--usage-sign")
    token("--write-object", path("ec"), "--type", "privkey", "--id", "03", "--label", "ec",
          "--usage-sign")
    use = ("--input-file", path("data"), "--output-file", path("out"))
    token("--encrypt", "--mechanism", "AES-CBC-PAD", "--id", "01", "--iv", "00" * 16, *use)
    for mechanism, key in (("SHA256-RSA-PKCS-PSS", "02"), ("ECDSA-SHA256", "03"),
                           ("SHA256-RSA-PKCS", "02")):
        token("--sign", "--mechanism", mechanism, "--id", key, *use)


def places(ram, secret):
    """Where in RAM parts of a secret lie, as the beginnings of whole copies."""
    found = set()
    for i in range(len(secret) - WINDOW + 1):
        piece, at = secret[i:i + WINDOW], -1
        while (at := ram.find(piece, at + 1)) >= 0:
            found.add(at - i)
    return found


secrets = make_keys()
use_keys()
run(os.path.join(ROOT, "tools", "chip-probe"), CHIP, "ram", path("ram"))
ram = content("ram")
names = run("arm-none-eabi-nm", "-S", os.path.join(BUILD, "body", "firmware", "firmware.elf"))
begin, size = (int(n, 16) for n in re.search(r"^(\w+) (\w+) B memory_hsm$", names, re.MULTILINE).groups())
core = range(begin - 0x38000000, begin - 0x38000000 + size)
for name, secret in secrets.items():
    found = places(ram, secret) | places(ram, secret[::-1])
    limit = 0 if name == "RSA privateExponent" else 1  # the chip computes without it
    check(f"{name}: {len(found)} in RAM", len(found) <= limit and all(at in core for at in found))
check("a key that is ready is found", len(places(ram, secrets["AES key"])) == 1)
check("the PIN is nowhere", not places(ram, PIN.encode()))
with open(os.path.join(CHIP, "nv.bin"), "rb") as file:
    check("the root key is nowhere", not places(ram, file.read(32)))
end()
