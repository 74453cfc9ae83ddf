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
# Started by root, the broker becomes the user mosquitto: the token lets that one in, beside the clients' user.
if [ "$(id -u)" = 0 ]; then
    instead group:edgehsm user:root
    mkdir credentials && printf %s "$SO_PIN" >credentials/edgehsm-so-pin
    export CREDENTIALS_DIRECTORY=$WORK/credentials
    chmod 700 credentials && chmod 755 "$WORK" && chmod 644 ./*.crt openssl.cnf
    commands mosquitto-peers "the token lets the broker's user in" || finish
fi
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
[ "$(id -u)" != 0 ] || check "the broker signs as its own user" sh -c \
    'edgehsm log show --count 60 | grep sign | grep -q "uid $(id -u mosquitto)"'
check "the broker knows the client by its certificate" grep -q "u'sensor'" broker.log
refuse "a client without a key" mosquitto_pub --cafile ca.crt -h localhost -p "$port" -t t -m no
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=other 2>/dev/null
sed 's/--cafile ca.crt/--cafile other.crt/' publish.sh >distrust.sh
refuse "a client that does not trust the broker's CA" bash -eu distrust.sh
finish
