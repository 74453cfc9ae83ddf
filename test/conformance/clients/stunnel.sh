#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# stunnel: the server's key, and the client's, are in the module.
. "$(dirname "$0")/lib.sh"
needs stunnel4 openssl curl python3
needs_engine
server=$(free_port) client=$(free_port) plain=$(free_port)
instead /etc/stunnel "$WORK"
instead /etc/ssl/ca.crt "$WORK/ca.crt"
instead 'accept = 8443' "accept = 127.0.0.1:$server"
instead 'server.example:8443' "127.0.0.1:$server"
instead '127.0.0.1:8080' "127.0.0.1:$plain"
instead '127.0.0.1:8000' "127.0.0.1:$client"

authority
commands stunnel-keys "keys of the server and the client, and requests for the CA" || finish
issue web && issue sensor
page stunnel-server.conf >server.conf && page stunnel-client.conf >client.conf || finish
# What a service manager does on a machine: stay in the foreground, write no process id.
sed -i '1i foreground = yes\npid =' server.conf client.conf
echo "hello from behind stunnel" >hello.txt
cat >plain.py <<'P'
import http.server, sys
http.server.test(http.server.SimpleHTTPRequestHandler, http.server.ThreadingHTTPServer, "HTTP/1.0",
                 int(sys.argv[1]), "127.0.0.1")
P
run_on plain python3 plain.py "$plain"
started "the service behind stunnel" plain "$plain"
run_on server stunnel4 server.conf
started "the server reads its key from the module" server "$server" || finish
run_on client stunnel4 client.conf
started "the client reads its key from the module" client "$client" || finish

fetch() { curl -sS --max-time 20 "http://127.0.0.1:$client/hello.txt" | cmp - hello.txt; }
export -f fetch
export client server
check "both sides prove their keys and the text comes through" bash -c fetch
check "20 connections at once" bash -c '
    for i in $(seq 20); do fetch & all="$all $!"; done; for i in $all; do wait $i || exit 1; done'
for version in tls1_2 tls1_3; do
    check "$version with any client that has a certificate of the CA" sh -c "
        openssl req -newkey rsa:2048 -nodes -keyout other.key -subj /CN=other -out other.csr &&
        openssl x509 -req -in other.csr -CA ca.crt -CAkey ca.key -out other.crt &&
        printf 'GET /hello.txt HTTP/1.0\r\n\r\n' | openssl s_client -$version -connect 127.0.0.1:$server -CAfile ca.crt \
            -cert other.crt -key other.key -verify_return_error -verify_hostname localhost -quiet -ign_eof | grep -q hello"
    refuse "$version without a certificate" sh -c "
        printf 'GET /hello.txt HTTP/1.0\r\n\r\n' | openssl s_client -$version -connect 127.0.0.1:$server -CAfile ca.crt \
            -verify_return_error -quiet -ign_eof 2>/dev/null | grep -q hello"
done
check "the log tells of the signatures" sh -c 'edgehsm log show --count 50 | grep -q sign'
finish
