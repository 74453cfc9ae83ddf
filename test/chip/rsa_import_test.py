#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rsa_import_test.py: an RSA key of 3072 bits that comes without its primes is the longest work a
chip is given: it finds them, and the watchdog lets it. At the pace of a chip at 100 MHz."""
import ctypes
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench_of_chip import ROOT, check, end, need  # noqa: E402

CKU_USER, CKF_RW, CKF_SERIAL = 1, 2, 4
CKA = {"CLASS": 0, "TOKEN": 1, "LABEL": 3, "KEY_TYPE": 0x100, "ID": 0x102, "SENSITIVE": 0x103,
       "SIGN": 0x108, "MODULUS": 0x120, "PUBLIC_EXPONENT": 0x122, "PRIVATE_EXPONENT": 0x123}
Ulong = ctypes.c_ulong


class Attribute(ctypes.Structure):
    _fields_ = [("type", Ulong), ("value", ctypes.c_void_p), ("size", Ulong)]


def must(what, result):
    if result != 0:
        sys.exit(f"FAIL  {what}: 0x{result:x}\n0 passed, 1 failed")


def make_key(path):
    """Modulus, public and private exponent of a new key."""
    subprocess.run(["openssl", "genrsa", "-out", path, "3072"], check=True, capture_output=True)
    text = subprocess.run(["openssl", "rsa", "-in", path, "-noout", "-text"], check=True,
                          capture_output=True, text=True).stdout
    numbers = {}
    for name in ("modulus", "privateExponent"):
        digits = re.search(name + r":\s*((?:\s*[0-9a-f]{2}:?)+)", text)[1]
        numbers[name] = bytes.fromhex(re.sub(r"[\s:]", "", digits)).lstrip(b"\0")
    return numbers["modulus"], b"\1\0\1", numbers["privateExponent"]


def create(library, session, values):
    keep, template = [], (Attribute * len(values))()
    for at, (name, value) in enumerate(values):
        raw = value if isinstance(value, bytes) else bytes(Ulong(value))
        keep.append(ctypes.create_string_buffer(raw, len(raw)))
        template[at] = Attribute(CKA[name], ctypes.cast(keep[-1], ctypes.c_void_p), len(raw))
    handle = Ulong()
    return library.C_CreateObject(session, template, Ulong(len(values)), ctypes.byref(handle))


def starts():
    told = subprocess.run([os.environ["EDGEHSM"], "--module", os.environ["EDGEHSM_MODULE"], "status"],
                          capture_output=True, text=True, check=False).stdout
    found = re.search(r"^starts +(\d+)", told, re.MULTILINE)
    return int(found[1]) if found else -1


def main():
    need()
    if "CHIP_DIR" not in os.environ:
        os.environ["EDGEHSM_COUNTED"] = "4"
        os.execv(os.path.join(ROOT, "tools", "with-module"),
                 ["with-module", "--form", "chip", "--profile", "compatible", *sys.argv])
    with tempfile.TemporaryDirectory() as work:
        modulus, exponent, private = make_key(work + "/key")
        before = starts()
        library = ctypes.CDLL(os.environ["MODULE"])
        session, pin = Ulong(), os.environ["PIN"].encode()
        must("C_Initialize", library.C_Initialize(None))
        must("C_OpenSession", library.C_OpenSession(Ulong(0), Ulong(CKF_RW | CKF_SERIAL), None, None,
                                                    ctypes.byref(session)))
        must("C_Login", library.C_Login(session, Ulong(CKU_USER), pin, Ulong(len(pin))))
        values = [("CLASS", 3), ("KEY_TYPE", 0), ("TOKEN", b"\1"), ("SIGN", b"\1"), ("ID", b"\7"),
                  ("LABEL", b"no primes"), ("SENSITIVE", b"\1"), ("MODULUS", modulus),
                  ("PUBLIC_EXPONENT", exponent), ("PRIVATE_EXPONENT", private)]
        result = create(library, session, values)
        check(f"the key is taken: {result:#x}", result == 0)
        library.C_Finalize(None)
        check(f"the watchdog let it: {before} start before, {starts()} now", starts() == before)
        with open(work + "/data", "wb") as file:
            file.write(b"signed by a key that came without its primes")
        subprocess.run(["pkcs11-tool", "--module", os.environ["MODULE"], "--login", "--pin",
                        os.environ["PIN"], "--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "07",
                        "--input-file", work + "/data", "--output-file", work + "/signature"],
                       check=False, capture_output=True)
        verified = subprocess.run(["openssl", "dgst", "-sha256", "-prverify", work + "/key",
                                   "-signature", work + "/signature", work + "/data"],
                                  check=False, capture_output=True).returncode
        check("OpenSSL verifies what it signs", verified == 0)
    end()


main()
