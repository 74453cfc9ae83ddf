#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Mosquitto: the broker's key is in the module, and a client's.
. "$(dirname "$0")/lib.sh"
needs mosquitto mosquitto_pub mosquitto_sub openssl
needs_engine
port=$(free_port)
instead /etc/mosquitto/ca_certificates "$WORK"
instead /etc/mosquitto/certs "$WORK"
instead 'listener 8883' "listener $port 127.0.0.1"
instead 'server.example -p 8883' "localhost -p $port"

authority
commands mosquitto-keys "keys of the broker and a client, and requests for the CA" || finish
issue broker && issue sensor
page mosquitto.conf >mosquitto.conf || finish
page mosquitto-openssl.cnf >openssl.cnf || finish
export OPENSSL_CONF=$WORK/openssl.cnf
# As root the broker would become the user mosquitto, whom this token does not know.
[ "$(id -u)" != 0 ] || echo "user root" >>mosquitto.conf
run_on broker mosquitto -c mosquitto.conf
started "the broker reads its key from the module" broker "$port" || finish

page mosquitto-publish >publish.sh && page mosquitto-subscribe >subscribe.sh || finish
run_on subscriber bash -eu subscribe.sh
check "a message comes through, both ends proven by keys of the module" bash -c '
    for try in $(seq 20); do
        bash -eu publish.sh || exit 1
        grep -q hello subscriber.log && exit 0
        sleep 0.5
    done; exit 1'
stop "$GROUP"
check "the broker knows the client by its certificate" grep -q "u'sensor'" broker.log
refuse "a client without a key" mosquitto_pub --cafile ca.crt -h localhost -p "$port" -t t -m no
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=other 2>/dev/null
sed 's/--cafile ca.crt/--cafile other.crt/' publish.sh >distrust.sh
refuse "a client that does not trust the broker's CA" bash -eu distrust.sh
finish
