#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# OpenVPN: the keys of both ends are in the module, certificates too. No device is made: the handshake is
# what matters, so the device of both ends is null.
. "$(dirname "$0")/lib.sh"
needs openvpn openssl
openvpn --version | grep -q 'PKCS11' || { skip "this OpenVPN has no PKCS #11" && finish; }
port=$(free_port)
instead /etc/openvpn "$WORK"
instead 'dev tun' 'dev null\nifconfig-noexec'
instead 'port 1194' "port $port\nlocal 127.0.0.1"
instead 'vpn.example 1194' "127.0.0.1 $port"

authority
commands openvpn-keys "keys of the server and the client, and requests for the CA" || finish
issue vpn && issue laptop
commands openvpn-certificates "the module keeps the certificates beside the keys" || finish
page openvpn-ids >ids.sh && check "openvpn lists both keys" bash -eu ids.sh || finish
cp log ids
# id NAME: what openvpn lists for the certificate of that common name
id() { awk -v subject="CN=$1" '/DN:/ { here = $NF == subject } /Serialized id:/ && here { print $NF }' ids; }
[ -n "$(id localhost)" ] && [ -n "$(id laptop)" ] && pass "each has its own id" || fail "each has its own id"
# A backslash stands in the id and in the page's place of it.
place() { ID=$(id "$2") awk '{ i = index($0, "ID OF THE KEY")
    if (i) $0 = substr($0, 1, i - 1) ENVIRON["ID"] substr($0, i + 13); print }' <"$1"; }
page openvpn-server.conf >s && place s localhost >server.conf || finish
page openvpn-client.conf >c && place c laptop >client.conf || finish

run_on server openvpn --config server.conf
eventually grep -q 'UDPv4 link local' server.log && pass "the server starts" || {
    fail "the server starts" && tail -n 20 server.log && finish; }
run_on client openvpn --config client.conf
if eventually grep -q 'Initialization Sequence Completed' client.log; then
    pass "the handshake is made with both keys in the module"
else
    fail "the handshake is made with both keys in the module" && tail -n 20 client.log server.log
fi
check "the server knows the client by its certificate" grep -q '\[laptop\] Peer Connection Initiated' server.log
check "the client knows the server by its certificate" grep -q '\[localhost\] Peer Connection Initiated' client.log
check "neither was asked for a PIN" sh -c '! grep -i -e "PIN" -e password server.log client.log'
stop "$GROUP"
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=laptop 2>/dev/null
sed '/^pkcs11/d' client.conf >other.conf
printf '%s\n' "cert other.crt" "key other.key" "tls-exit" "connect-retry-max 1" >>other.conf
run_on other openvpn --config other.conf
eventually grep -q -e 'TLS Error' -e 'VERIFY ERROR' server.log && ! grep -q 'Sequence Completed' other.log &&
    pass "a client with a foreign key is refused" || fail "a client with a foreign key is refused"
finish
