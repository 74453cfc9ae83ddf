#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# NSS: its tools use the module as one of its own; a TLS server and a client with keys of the module.
. "$(dirname "$0")/lib.sh"
needs modutil certutil cmsutil selfserv tstclnt openssl
port=$(free_port)
instead '-p 8443' "-p $port"
instead 'server.example' localhost
authority
commands nss-database "NSS takes the module into its database" || finish
check "NSS lists the token" sh -c "modutil -dbdir sql:nss -list | grep -q 'token: $TOKEN_LABEL'"
instead '-h edgehsm' "-h $TOKEN_LABEL"
instead '"edgehsm:' "\"$TOKEN_LABEL:"
commands nss-keys "keys and requests by edgehsm" || finish
issue web && issue mail "clientAuth,emailProtection"
commands nss-certificates "the certificates are kept in the module, the CA's in the database" || finish
commands nss-list "certutil finds keys and certificates of the token"
for name in web mail; do
    check "certutil lists $name with its key" grep -q "$TOKEN_LABEL:$name" log
done
finish
