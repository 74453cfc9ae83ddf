#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# RAUC: update bundles are signed by a key of the module.
. "$(dirname "$0")/lib.sh"
needs rauc mksquashfs openssl
needs_engine
authority
commands rauc-key "a key for updates, and a request for the CA" || finish
issue updates emailProtection
commands rauc-certificate "the module keeps the certificate"
mkdir content && head -c 300000 /dev/urandom >content/rootfs.img
page rauc-manifest >content/manifest.raucm || finish
commands rauc-bundle "rauc signs a bundle" || finish
commands rauc-info "rauc verifies it by the CA alone" && cp log info
check "the bundle names its signer" grep -q 'Subject: CN = updates' info
check "the bundle is what was given in" grep -q "$(sha256sum content/rootfs.img | cut -d' ' -f1)" info

openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=other 2>/dev/null
refuse "another CA does not accept the bundle" rauc info --keyring other.crt update.raucb
cp update.raucb altered.raucb
# The signed manifest stands near the end, before the last eight bytes, which give its size.
at=$(($(stat -c %s altered.raucb) - 500))
byte=$(tail -c +$((at + 1)) altered.raucb | head -c 1 | od -An -tu1)
printf "\\$(printf %o $((byte ^ 1)))" | dd of=altered.raucb bs=1 seek=$at conv=notrunc 2>/dev/null
refuse "an altered bundle is refused" rauc info --keyring ca.crt altered.raucb
finish
