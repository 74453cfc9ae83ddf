#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Java's own PKCS #11 provider: keytool makes keys in the module, jarsigner signs, and a program that knows
# nothing of PKCS #11 serves and speaks TLS with them. It needs a JDK, which is too large to be installed
# for this: where there is none, this counts as skipped.
. "$(dirname "$0")/lib.sh"
needs java javac jar keytool jarsigner openssl
port=$(free_port)
instead /etc/edgehsm "$WORK"
instead 'Tls server 8443' "Tls server $port"
instead 'Tls client 8443' "Tls client $port"
authority
page java.cfg >java.cfg && page java.security >java.security && page java-environment >environment || finish
# as_page BLOCK SENTENCE: the page's commands in the page's environment
as_page() { { cat environment && page "$1"; } >"$1.sh" && check "$2" bash -eu "$1.sh"; }

as_page java-keys "keytool makes an EC and an RSA key in the module, and requests" || finish
check "they were made in the module" sh -c \
    'for id in server signer; do edgehsm key show id:$(printf $id | xxd -p) | grep "made in the module *yes"; done'
issue server serverAuth && issue signer codeSigning,clientAuth
as_page java-certificates "keytool takes the CA's answers in" || finish
as_page java-list "keytool lists the keys" && cp log list
check "both are keys with certificates" sh -c '[ "$(grep -c PrivateKeyEntry list)" = 2 ]'

echo text >file.txt && jar cf app.jar file.txt
as_page java-sign "jarsigner signs with the RSA key"
as_page java-verify "jarsigner verifies it without the module" && cp log verified
check "and trusts the signer by the CA" sh -c 'grep "jar verified" verified && ! grep "chain is invalid" verified'
mkdir altered && (cd altered && jar xf ../signed.jar && echo other >file.txt && jar cfM ../altered.jar .)
sed 's/signed.jar/altered.jar/' java-verify.sh >altered.sh
check "an altered jar is refused" bash -c 'bash -eu altered.sh 2>&1 | grep -i "digest error"'

check "a TLS program that knows nothing of PKCS #11" javac -d . "$HERE/Tls.java"
{ cat environment && page java-server; } >server.sh && run_on server bash -eu server.sh
started "the TLS server reads its key from the module" server "$port" || finish
{ cat environment && page java-client; } >client.sh
for version in TLSv1.3 TLSv1.2; do
    sed "s/TLSv1.3/$version/" client.sh >$version.sh
    check "$version, EC server and RSA client in the module" bash -c \
        "bash -eu $version.sh | grep 'hello CN=signer, $version'"
done
refuse "a client without a key" sh -c "openssl s_client -connect localhost:$port -CAfile ca.crt \
    -verify_return_error -quiet </dev/null 2>&1 | grep '^hello'"
check "OpenSSL's client trusts the server" sh -c "openssl s_client -connect localhost:$port -CAfile ca.crt \
    -verify_return_error -brief </dev/null 2>&1 | grep 'Verification: OK'"
finish
