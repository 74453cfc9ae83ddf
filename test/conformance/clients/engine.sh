#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSL's command line, curl and nginx use keys of the module through the engine pkcs11, without a PIN.
. "$(dirname "$0")/lib.sh"
needs openssl curl nginx
needs_engine
plain=$(free_port) port=$(free_port)
instead /etc/edgehsm "$WORK"
instead /etc/ssl "$WORK"
instead '/run/nginx.pid' "$WORK/nginx.pid"
instead 'accept 8443' "accept $plain"
instead 'https://server.example:8443' "https://localhost:$plain"
instead 'listen 443 ssl' "listen 127.0.0.1:$port ssl"
instead '/run/edgehsm/module.sock' "${EDGEHSM_MODULE#unix:}"
authority
echo "a message" >message.txt
page engine-openssl.cnf >openssl.cnf && page engine-environment >environment || finish
# as_page BLOCK SENTENCE: the page's commands in the page's environment
as_page() { { cat environment && page "$1"; } >"$1.sh" && check "$2" bash -eu "$1.sh"; }
as_page engine-request "keys, and requests by openssl req" || finish
for name in web client; do
    check "$name's request verifies" openssl req -in $name.csr -verify -noout
    issue $name clientAuth,serverAuth,emailProtection
done
as_page engine-cms "openssl cms signs"
check "the signed message verifies" openssl cms -verify -inform DER -in message.p7s -CAfile ca.crt -out back.txt
as_page engine-sign "openssl dgst signs"
openssl x509 -in web.crt -pubkey -noout >web.pub
check "the signature verifies" openssl dgst -sha256 -verify web.pub -signature message.sig message.txt
{ cat environment && page engine-server; } >server.sh && run_on server bash -eu server.sh
started "openssl s_server starts" server "$plain" || finish
as_page engine-curl "curl with a key of the module reaches it"
refuse "curl without a key does not" curl -sS --max-time 20 --cacert ca.crt "https://localhost:$plain/"
stop "$GROUP"

[ "$(id -u)" = 0 ] || { skip "nginx needs root for its folders" && finish; }
page engine-nginx.conf >nginx.conf || finish
# The workers stay root, whom this token knows, and the machine's own log is left alone.
sed -i -e "1i daemon off;" -e 's/^user .*/user root;/' -e 's/^http {/&\n    access_log off;/' nginx.conf
OPENSSL_CONF=$WORK/openssl.cnf run_on nginx nginx -p "$WORK" -c "$WORK/nginx.conf" -e "$WORK/nginx.err"
started "nginx starts" nginx "$port" || { cat nginx.err && finish; }
check "nginx's workers sign with the module's key" bash -c "for i in 1 2 3 4 5 6 7 8; do
    curl -sS --max-time 20 --cacert ca.crt https://localhost:$port/ | grep -q hello || exit 1; done"
finish
