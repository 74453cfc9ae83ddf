#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# EAP-TLS, as in 802.1X and WPA-Enterprise: a supplicant's key is in the module. eapol_test is the supplicant's
# code without a radio; it speaks to hostapd's RADIUS server, whose own key is a file.
. "$(dirname "$0")/lib.sh"
needs eapol_test hostapd openssl
needs_engine
# RADIUS is UDP, so a port cannot be seen to be free: hostapd says so if it is not, and the next is tried.
port=$((20000 + RANDOM % 12000))
instead /etc/edgehsm "$WORK"
instead /etc/wpa_supplicant "$WORK"
authority
commands eapol-key "a key for the supplicant, and a request for the CA" || finish
issue sensor clientAuth
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout radius.key -out radius.csr -subj /CN=radius 2>log
issue radius serverAuth
page eapol-openssl.cnf >openssl.cnf && page wpa_supplicant.conf >supplicant.conf || finish
printf '%s\n' driver=none radius_server_clients=clients eap_server=1 eap_user_file=users ca_cert=ca.crt \
    server_cert=radius.crt private_key=radius.key >hostapd.conf
echo '127.0.0.1/32 secret' >clients
echo '* TLS' >users
for try in $(seq 5); do
    port=$((port + 1))
    { cat hostapd.conf && echo radius_server_auth_port=$port; } >radius.conf
    run_on hostapd hostapd radius.conf
    eventually grep -q -e AP-ENABLED -e "free iface" -e ailed hostapd.log
    grep -q AP-ENABLED hostapd.log && break
done
grep -q AP-ENABLED hostapd.log && pass "hostapd's RADIUS server starts" ||
    { fail "hostapd's RADIUS server starts" && cat hostapd.log && finish; }

authenticate() { OPENSSL_CONF=$WORK/openssl.cnf eapol_test -c "$1" -a 127.0.0.1 -p $port -s secret -t 5; }
export -f authenticate
export WORK port
check "EAP-TLS succeeds with the key in the module" bash -c 'authenticate supplicant.conf' && cp log first
check "both ends came to the same session keys" grep -q 'MPPE keys OK: 1  mismatch: 0' first
check "again and again" bash -c 'for i in 1 2 3 4 5; do authenticate supplicant.conf || exit 1; done'
sed 's/object=sensor/object=nobody/' supplicant.conf >nobody.conf
refuse "a key that is not there" bash -c 'authenticate nobody.conf'
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=other 2>log
sed "s#$WORK/ca.crt#$WORK/other.crt#" supplicant.conf >distrust.conf
refuse "a RADIUS server of another CA" bash -c 'authenticate distrust.conf'
sed "s#$WORK/sensor.crt#$WORK/other.crt#; /engine/d; s#key_id=.*#private_key=\"$WORK/other.key\"#" supplicant.conf >foreign.conf
refuse "a supplicant with a foreign key" bash -c 'authenticate foreign.conf'
finish
