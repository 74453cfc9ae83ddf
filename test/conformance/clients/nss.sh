#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# NSS: its tools use the module as one of their own; a TLS server and a client with keys of the module.
. "$(dirname "$0")/lib.sh"
needs modutil certutil cmsutil pk12util selfserv tstclnt openssl
port=$(free_port)
instead '-p 8443' "-p $port"
instead 'server.example' localhost
instead '-h edgehsm' "-h $TOKEN_LABEL"
instead '"edgehsm:' "\"$TOKEN_LABEL:"
authority
echo "a message" >message.txt

commands nss-database "NSS takes the module into its database" || finish
check "NSS lists the token" sh -c "modutil -dbdir sql:nss -list | grep 'token: $TOKEN_LABEL'"
commands nss-keys "certutil makes keys in the module, and requests" || finish
for name in web mail; do
    check "$name's request verifies" openssl req -in $name.csr -verify -noout
    issue $name clientAuth,serverAuth,emailProtection
done
commands nss-certificates "certutil keeps the certificates in the module" || finish
commands nss-list "certutil lists keys and certificates"
cp log list
for name in web mail; do check "$name is listed" grep -q "$TOKEN_LABEL:$name .*u,u,u" list; done
check "edgehsm sees both keys" sh -c '[ "$(edgehsm key list | grep -c "key pair")" = 2 ]'

commands nss-sign "cmsutil signs with a key of the module"
check "OpenSSL verifies what it signed" openssl cms -verify -inform DER -in message.p7s -CAfile ca.crt -out back.txt
check "the message is unchanged" cmp message.txt back.txt
refuse "pk12util cannot take the key out" pk12util -d sql:nss -n "$TOKEN_LABEL:web" -o web.p12 -W password

serve nss-server
started "the TLS server starts" nss-server "$port" || finish
page nss-client >client.sh || finish
for version in tls1.2 tls1.3; do
    sed "s/tls1.2:tls1.3/$version:$version/" client.sh >$version.sh
    # tstclnt stays until the server hangs up, which this one does not.
    run_on $version bash -eu $version.sh
    eventually grep -q 'HTTP/1.0 200' $version.log && pass "$version, both sides proven by keys of the module" ||
        { fail "$version, both sides proven by keys of the module" && tail -n 12 $version.log nss-server.log; }
    stop "$GROUP"
    refuse "$version without a client's key is refused" bash -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 5 openssl s_client \
        -connect localhost:$port -CAfile ca.crt -verify_return_error -quiet -ign_eof -${version/./_} | grep -q 'HTTP/1.0 200'"
done
finish
