#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""set_attribute.py LABEL TYPE FILE: C_SetAttributeValue of one attribute of the private or secret key
with that label, by PKCS #11; TYPE in hex, FILE its bytes. Prints the CK_RV in hex. MODULE, TOKEN_LABEL
and PIN say where."""
import ctypes
import os
import sys

UL = ctypes.c_ulong


class Attribute(ctypes.Structure):
    _fields_ = [("type", UL), ("value", ctypes.c_void_p), ("size", UL)]


def attribute(number, data):
    room = ctypes.create_string_buffer(data, len(data))
    return Attribute(number, ctypes.cast(room, ctypes.c_void_p), len(data)), room


def must(rv, what):
    if rv != 0:
        sys.exit(f"set_attribute: {what}: {rv:#x}")


def open_session(library):
    must(library.C_Initialize(None), "C_Initialize")
    slots, count, session = (UL * 16)(), UL(16), UL()
    must(library.C_GetSlotList(1, slots, ctypes.byref(count)), "C_GetSlotList")
    wanted = os.environ["TOKEN_LABEL"].encode().ljust(32)
    for slot in slots[:count.value]:
        info = ctypes.create_string_buffer(512)
        must(library.C_GetTokenInfo(UL(slot), info), "C_GetTokenInfo")
        if info.raw[:32] == wanted:
            must(library.C_OpenSession(UL(slot), UL(6), None, None, ctypes.byref(session)),
                 "C_OpenSession")
            pin = os.environ["PIN"].encode()
            must(library.C_Login(session, UL(1), pin, UL(len(pin))), "C_Login")
            return session
    sys.exit("set_attribute: there is no such token")


def find(library, session, label):
    for kind in (3, 4):
        by_class, room = attribute(0, kind.to_bytes(8, sys.byteorder))
        by_label, room_of_label = attribute(3, label.encode())
        template, found, count = (Attribute * 2)(by_class, by_label), UL(), UL()
        must(library.C_FindObjectsInit(session, template, UL(2)), "C_FindObjectsInit")
        must(library.C_FindObjects(session, ctypes.byref(found), UL(1), ctypes.byref(count)),
             "C_FindObjects")
        must(library.C_FindObjectsFinal(session), "C_FindObjectsFinal")
        del room, room_of_label
        if count.value == 1:
            return found
    sys.exit(f"set_attribute: there is no key {label}")


def main():
    label, number, path = sys.argv[1:]
    library = ctypes.CDLL(os.environ["MODULE"])
    session = open_session(library)
    with open(path, "rb") as file:
        entry, room = attribute(int(number, 16), file.read())
    key = find(library, session, label)
    print(f"{library.C_SetAttributeValue(session, key, ctypes.byref(entry), UL(1)):#x}")
    del room
    must(library.C_Finalize(None), "C_Finalize")


main()
