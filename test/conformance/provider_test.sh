#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The OpenSSL provider under programs that know nothing of the module; run by tools/with-module.
#   provider_test.sh PROVIDER CONFIGURATION CLIENT PROFILE
# Whatever the module makes is checked by an openssl that has no provider of ours.
set -u
export LC_ALL=C.UTF-8
provider=$(realpath "$1") configuration=$(realpath "$2") client=$(realpath "$3") profile=$4
work=$(mktemp -d "${TMPDIR:-/tmp}/provider.XXXXXX")
chmod 755 "$work"
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    rm -rf "$work"
}
trap finish EXIT
cd "$work" || exit 2
passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)) && echo "ok    $1"; }
fail() { failed=$((failed + 1)) && echo "FAIL  $1: $(tr '\n' ' ' <out | cut -c 1-400)"; }
skip() { skipped=$((skipped + 1)) && echo "skip  $1: $2"; }
check() { # NAME COMMAND...
    local name=$1
    shift
    if timeout 60 "$@" >out 2>&1 </dev/null; then ok "$name"; else fail "$name"; fi
}
refuse() { # NAME COMMAND...: fails in an orderly way
    local name=$1 code=0
    shift
    timeout 60 "$@" >out 2>&1 </dev/null || code=$?
    if [ $code -gt 0 ] && [ $code -lt 124 ]; then ok "$name"; else echo "exit $code" >>out && fail "$name"; fi
}
says() { # NAME REGEX: of what the last command said
    if grep -q -E -e "$2" out; then ok "$1"; else fail "$1"; fi
}
mkdir bin
printf '#!/bin/sh\nexec env -u OPENSSL_CONF openssl "$@"\n' >bin/plain
printf '#!/bin/sh\nexec "$EDGEHSM" --pin-file %s/pin "$@"\n' "$work" >bin/hsm
chmod 755 bin/plain bin/hsm
PATH=$work/bin:$PATH
same() { if [ -s "$2" ] && cmp -s "$2" "$3"; then ok "$1"; else echo differ >out && fail "$1"; fi; }
port() { # a port that nobody listens on
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
listens() { # PORT: waits until somebody does
    for _ in $(seq 300); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        kill -0 "${pids[-1]}" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

printf '%s\n' "$PIN" >pin
printf 'a message\n' >message
head -c 300000 /dev/urandom >large
sed "s|^\[edgehsm_sect\]|&\nmodule = $provider|" "$configuration" >openssl.cnf
export OPENSSL_CONF=$work/openssl.cnf
uri() { printf 'pkcs11:token=%s;object=%s;type=private?pin-source=%s/pin' "$TOKEN_LABEL" "$1" "$work"; }
public_uri() { printf 'pkcs11:token=%s;object=%s;type=public' "$TOKEN_LABEL" "$1"; }
certificate_uri() { printf 'pkcs11:token=%s;object=%s;type=cert' "$TOKEN_LABEL" "$1"; }

check "the provider loads from the shipped configuration" openssl list -providers
says "it says its name" 'Edge HSM provider'
key() { # NAME TYPE OPTION...
    local name=$1 type=$2
    shift 2
    hsm key new "$name" --type "$type" "$@" >out 2>&1 && hsm key show "$name" --pem "$name.pub" >out 2>&1 || fail "key $name"
}
key p256 p256
key rsa2048 rsa2048

# ---- speed, beside the engine; it cannot use a token that holds an Ed25519 key, so it comes first
engine=$(ls /usr/lib/*/engines-3/pkcs11.so 2>/dev/null | head -1)
if [ -n "$engine" ]; then
    cat >engine.cnf <<END
openssl_conf = init
[init]
engines = engines
[engines]
pkcs11 = pkcs11
[pkcs11]
engine_id = pkcs11
dynamic_path = $engine
MODULE_PATH = $MODULE
PIN = $PIN
init = 0
END
    for type in p256 rsa2048; do
        count=1000 && [ $type = rsa2048 ] && count=200
        # In turns, the best of three: others may use the machine.
        ours=0 theirs=0
        for _ in 1 2 3; do
            rate=$("$client" loop "$(uri $type)" $count 2>out) && [ "$rate" -gt "$ours" ] && ours=$rate
            rate=$(OPENSSL_CONF=$work/engine.cnf "$client" engine \
                "pkcs11:token=$TOKEN_LABEL;object=$type;type=private" $count 2>>out) &&
                [ "$rate" -gt "$theirs" ] && theirs=$rate
        done
        if [ "$ours" -gt 0 ] && [ "$theirs" -gt 0 ]; then
            ok "$type: provider $ours/s, engine $theirs/s, ratio $(awk "BEGIN { printf \"%.2f\", $ours / $theirs }")"
        else
            fail "$type: speed beside the engine"
        fi
    done
else
    skip "speed beside the engine" "no libengine-pkcs11-openssl"
fi

for type in p384 p521 ed25519; do key $type $type; done

# ---- dgst, pkeyutl, pkey
for type in p256 p384 p521 rsa2048; do
    check "$type: dgst signs a large file" openssl dgst -sha384 -sign "$(uri $type)" -out s large
    check "$type: plain openssl verifies it" plain dgst -sha384 -verify $type.pub -signature s large
    check "$type: pkeyutl signs a hash" openssl pkeyutl -sign -rawin -digest sha256 -inkey "$(uri $type)" \
        -in message -out s
    check "$type: plain openssl verifies that" plain dgst -sha256 -verify $type.pub -signature s message
    check "$type: the key itself verifies" openssl dgst -sha256 -prverify "$(uri $type)" -signature s message
    refuse "$type: and refuses another message" openssl dgst -sha256 -prverify "$(uri $type)" -signature s large
    check "$type: the public key comes from the store" openssl pkey -pubin -in "$(public_uri $type)" -pubout -out p
    same "$type: it is the same as the command line's" p $type.pub
    check "$type: the public half comes out of the private key" openssl pkey -in "$(uri $type)" -pubout -out p
    same "$type: it is the same, too" p $type.pub
done
check "rsa2048: PSS" openssl dgst -sha256 -sign "$(uri rsa2048)" -sigopt rsa_padding_mode:pss \
    -sigopt rsa_pss_saltlen:digest -out s message
check "rsa2048: plain openssl verifies PSS" plain dgst -sha256 -verify rsa2048.pub \
    -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -signature s message
check "ed25519: pkeyutl signs" openssl pkeyutl -sign -rawin -inkey "$(uri ed25519)" -in message -out s
check "ed25519: plain openssl verifies" plain pkeyutl -verify -rawin -pubin -inkey ed25519.pub -in message -sigfile s
check "edgehsm:NAME names a key" openssl dgst -sha256 -sign "edgehsm:p256?pin-source=$work/pin" -out s message
check "plain openssl verifies it" plain dgst -sha256 -verify p256.pub -signature s message
check "pin-value opens the token" openssl dgst -sha256 -sign "edgehsm:p256?pin-value=$PIN" -out s message
check "-passin opens the token" openssl dgst -sha256 -sign "edgehsm:p256" -passin "pass:$PIN" -out s message
sed "s|^\[edgehsm_sect\]|&\npin-file = $work/pin|" openssl.cnf >with-pin.cnf
check "pin-file in the configuration opens it" env OPENSSL_CONF=$work/with-pin.cnf \
    openssl dgst -sha256 -sign edgehsm:p256 -out s message
mkdir credentials && cp pin credentials/edgehsm-pin
check "a systemd credential opens it" env CREDENTIALS_DIRECTORY=$work/credentials \
    openssl dgst -sha256 -sign edgehsm:p256 -out s message

# ---- requests, a certificate authority, the store
for type in p256 p384 ed25519 rsa2048; do
    check "$type: req makes a request" openssl req -new -key "$(uri $type)" -subj /CN=$type -out $type.csr
    check "$type: plain openssl verifies the request" plain req -in $type.csr -verify -noout
    check "$type: req makes a certificate" openssl req -x509 -key "$(uri $type)" -days 30 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -out $type.crt
    check "$type: plain openssl verifies the certificate" plain verify -CAfile $type.crt $type.crt
done
check "req makes a request with PSS" openssl req -new -key "$(uri rsa2048)" -subj /CN=pss -out pss.csr \
    -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
check "plain openssl verifies it" plain req -in pss.csr -verify -noout
check "x509 -CA issues with the key of the module" openssl x509 -req -in rsa2048.csr -CA p256.crt \
    -CAkey "$(uri p256)" -CAcreateserial -days 30 -out issued.crt
check "plain openssl verifies what was issued" plain verify -CAfile p256.crt issued.crt
check "a certificate is kept beside its key" hsm key cert p256 p256.crt
check "x509 reads it from the store" openssl x509 -in "$(certificate_uri p256)" -out c.crt
check "plain openssl takes it" plain x509 -in c.crt -noout -subject
check "x509 -CA takes certificate and key from the store" openssl x509 -req -in ed25519.csr \
    -CA "$(certificate_uri p256)" -CAkey "$(uri p256)" -set_serial 7 -days 30 -out issued.crt
check "plain openssl verifies what was issued then" plain verify -CAfile p256.crt issued.crt
check "storeutl lists the token" openssl storeutl -noout "pkcs11:token=$TOKEN_LABEL?pin-source=$work/pin"
says "five private keys, five public ones, one certificate" 'Total found: 11'

# ---- cms
for type in p256 rsa2048; do
    check "$type: cms signs" openssl cms -sign -nodetach -binary -in message -signer $type.crt -inkey "$(uri $type)" \
        -outform PEM -out signed.pem
    check "$type: plain openssl verifies the message" plain cms -verify -binary -in signed.pem -inform PEM \
        -CAfile $type.crt -purpose any -out m
    same "$type: it is the message" m message
done

# ---- decryption and key agreement
key mail rsa2048 --usage decrypt
for hash in sha1 sha256; do
    plain pkeyutl -encrypt -pubin -inkey mail.pub -in message -out e -pkeyopt rsa_padding_mode:oaep \
        -pkeyopt rsa_oaep_md:$hash
    check "OAEP with $hash is decrypted" openssl pkeyutl -decrypt -inkey "$(uri mail)" -in e -out m \
        -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:$hash
    same "OAEP with $hash gives the message" m message
done
plain pkeyutl -encrypt -pubin -inkey mail.pub -in message -out e
key agree p256 --usage derive
key x x25519
plain genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out peer.key 2>/dev/null
plain pkey -in peer.key -pubout -out peer.pub
plain genpkey -algorithm X25519 -out xpeer.key && plain pkey -in xpeer.key -pubout -out xpeer.pub
if [ "$profile" = compatible ]; then
    check "v1.5 is decrypted" openssl pkeyutl -decrypt -inkey "$(uri mail)" -in e -out m
    same "v1.5 gives the message" m message
    check "ECDH derives" openssl pkeyutl -derive -inkey "$(uri agree)" -peerkey peer.pub -out z1
    plain pkeyutl -derive -inkey peer.key -peerkey agree.pub -out z2
    same "plain openssl derives the same" z1 z2
    check "X25519 derives" openssl pkeyutl -derive -inkey "$(uri x)" -peerkey xpeer.pub -out z1
    plain pkeyutl -derive -inkey xpeer.key -peerkey x.pub -out z2
    same "plain openssl derives the same with X25519" z1 z2
    plain req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj /CN=ca -out ca.crt 2>/dev/null
    plain x509 -new -force_pubkey agree.pub -subj /CN=agree -CA ca.crt -CAkey ca.key -set_serial 1 -out agree.crt
    plain cms -encrypt -binary -aes256 -in message -outform PEM -out e.pem agree.crt 2>out || fail "cms -encrypt"
    check "cms decrypts what was encrypted to an EC key" openssl cms -decrypt -binary -in e.pem -inform PEM \
        -recip agree.crt -inkey "$(uri agree)" -out m
    same "it is the message" m message
else
    refuse "strict: v1.5 is not decrypted" openssl pkeyutl -decrypt -inkey "$(uri mail)" -in e -out m
    says "it names the rule" 'for signatures only'
    says "it says how to opt in" 'token set --profile compatible'
    refuse "strict: no secret leaves the module" openssl pkeyutl -derive -inkey "$(uri agree)" -peerkey peer.pub -out z1
    says "it says how to opt in to that" 'token set --profile compatible'
fi
plain req -x509 -key peer.key -subj /CN=ca -out mailca.crt
plain x509 -new -force_pubkey mail.pub -subj /CN=mail -CA mailca.crt -CAkey peer.key -set_serial 1 -out mail.crt
plain cms -encrypt -binary -aes256 -in message -outform PEM -out e.pem -recip mail.crt -keyopt rsa_padding_mode:oaep
check "cms decrypts what was encrypted to an RSA key with OAEP" openssl cms -decrypt -binary -in e.pem -inform PEM \
    -recip mail.crt -inkey "$(uri mail)" -out m
same "it is the message, too" m message

# ---- TLS
for type in p256 p384 ed25519 rsa2048; do
    for version in tls1_2 tls1_3; do
        port=$(port)
        openssl s_server -accept "127.0.0.1:$port" -cert $type.crt -key "$(uri $type)" -$version -www -quiet \
            >server.log 2>&1 </dev/null &
        pids+=($!)
        listens "$port" || cp server.log out
        check "$type: a TLS server ($version) with the key of the module" bash -c \
            "echo Q | plain s_client -connect 127.0.0.1:$port -CAfile $type.crt -verify_return_error -$version"
        kill "${pids[-1]}" 2>/dev/null
        wait "${pids[-1]}" 2>/dev/null
    done
done
port=$(port)
plain req -x509 -newkey rsa:2048 -nodes -keyout server.key -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -out server.crt 2>/dev/null
cat p256.crt rsa2048.crt >clients.crt
env -u OPENSSL_CONF openssl s_server -accept "127.0.0.1:$port" -cert server.crt -key server.key -Verify 1 \
    -verify_return_error -CAfile clients.crt -www >server.log 2>&1 </dev/null &
pids+=($!)
listens "$port"
for type in p256 rsa2048; do
    check "$type: a TLS client proves itself with the key of the module" bash -c \
        "printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -connect 127.0.0.1:$port -CAfile server.crt \
         -verify_return_error -cert $type.crt -key '$(uri $type)' -quiet -ign_eof"
    says "$type: the server answers" 'HTTP/1.0 200'
done

# ---- key files, for programs that read keys from files only
# The PIN comes from the configuration, since the file does not say where it is.
export OPENSSL_CONF=$work/with-pin.cnf
for type in p256 ed25519 rsa2048; do
    hsm snippet keyfile $type >$type.pem 2>out || fail "$type: the key file"
    check "$type: a key file signs a request" openssl req -new -key $type.pem -subj /CN=$type -out r.csr
    check "$type: plain openssl verifies that request" plain req -in r.csr -verify -noout
done
cat server.crt server.key >both.pem
check "an ordinary key behind a certificate in one file is still found" openssl pkey -in both.pem -noout
plain asn1parse -genconf - -noout -out nothing.der <<END
asn1 = SEQUENCE:file
[file]
description = VISIBLE:PKCS\\#11 Provider URI v1.0
uri = UTF8:pkcs11:token=$TOKEN_LABEL\\;object=nothing
END
{ echo '-----BEGIN PKCS#11 PROVIDER URI-----' && base64 nothing.der && echo '-----END PKCS#11 PROVIDER URI-----'; } >nothing.pem
refuse "a key file of a missing key is refused" openssl req -new -key nothing.pem -subj /CN=x -out r.csr
if command -v curl >/dev/null && curl -V | head -1 | grep -q OpenSSL; then
    check "curl proves itself with a key file" curl -sS --cacert server.crt --cert p256.crt --key p256.pem \
        "https://127.0.0.1:$port/"
else
    skip "curl proves itself with a key file" "no curl on OpenSSL"
fi
nginx=$(PATH=$PATH:/usr/sbin command -v nginx)
if [ -n "$nginx" ]; then
    port=$(port)
    cat >nginx.conf <<END
daemon off; master_process on; worker_processes 2; pid $work/nginx.pid; error_log $work/nginx.log;
events {}
http { access_log off; client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work;
  uwsgi_temp_path $work; scgi_temp_path $work;
  server { listen 127.0.0.1:$port ssl; ssl_certificate p256.crt; ssl_certificate_key p256.pem;
    location / { return 200 "from nginx\n"; } } }
END
    "$nginx" -p "$work" -c nginx.conf >server.log 2>&1 &
    pids+=($!)
    listens "$port"
    check "nginx serves with a key file, its workers forked after" curl -sS --cacert p256.crt "https://127.0.0.1:$port/"
    says "it is nginx that answers" 'from nginx'
    sed 's/p256.pem/nothing.pem/' nginx.conf >missing.conf
    refuse "nginx refuses a key file whose key is missing" "$nginx" -t -p "$work" -c missing.conf
    says "it says which key and what to type, too" "'nothing' on token '$TOKEN_LABEL'.*edgehsm key new nothing"
else
    skip "nginx serves with a key file" "no nginx"
fi

export OPENSSL_CONF=$work/openssl.cnf

# ---- what goes wrong
refuse "a missing key is refused" openssl dgst -sha256 -sign "$(uri nothing)" message
says "it says which key and what to type" "'nothing' on token '$TOKEN_LABEL'.*edgehsm key new nothing"
refuse "a missing certificate is refused" openssl x509 -in "$(certificate_uri p384)"
says "it says which certificate and what to type" "'p384'.*edgehsm key cert p384 FILE"
refuse "a missing token is refused" openssl dgst -sha256 -sign "pkcs11:token=other;object=p256" message
says "it says how to see the tokens" "other.*edgehsm token"
refuse "a wrong PIN is refused" openssl dgst -sha256 -sign "edgehsm:p256?pin-value=000000000" message
says "it says how many tries are left" 'tries left: 7'
check "the right PIN still opens" openssl dgst -sha256 -sign "$(uri p256)" -out s message
refuse "a missing PIN file is refused" openssl dgst -sha256 -sign "edgehsm:p256?pin-source=/nowhere" message
says "it says which file" "/nowhere"
refuse "without a PIN there is no private key" setsid openssl dgst -sha256 -sign "edgehsm:p256" message
says "it says where a PIN can come from" 'pin-source=FILE'
refuse "a URI with a wrong attribute is refused" openssl dgst -sha256 -sign "pkcs11:objekt=p256" message
says "it says which attribute" "objekt"
refuse "a key that only decrypts does not sign" openssl dgst -sha256 -sign "$(uri mail)" message
says "it says so" "not meant for this"
refuse "the private key cannot be written" openssl pkey -in "$(uri p256)" -out stolen.pem
check "keys in files go on working" openssl dgst -sha256 -sign server.key -out s message

# ---- many at once
for mode in threads fork; do
    for type in p256 rsa2048 ed25519; do
        check "$type: 8 in $mode" "$client" $mode "$(uri $type)"
    done
done
loops=()
for i in 1 2 3 4 5 6 7 8; do
    "$client" loop "$(uri p256)" 200 >"loop.$i" 2>&1 </dev/null &
    loops+=($!)
done
good=0
for pid in "${loops[@]}"; do wait "$pid" && good=$((good + 1)); done
echo "$good of 8" >out
if [ $good = 8 ]; then ok "8 processes sign 200 times each"; else fail "8 processes sign 200 times each"; fi

# ---- the module goes away
coproc pause { "$client" waits "$(uri p256)" 2>pause.err; }
read -r line <&"${pause[0]}"
kill -TERM "$EDGEHSM_DAEMON"
for _ in $(seq 100); do kill -0 "$EDGEHSM_DAEMON" 2>/dev/null || break; sleep 0.1; done
echo >&"${pause[1]}"
pid=$pause_PID
if wait "$pid"; then echo "signed without a module" >out && fail "a stopped module is an error"; else
    cp pause.err out && says "a stopped module is a clear error in a program that runs" 'the module cannot be reached'
fi
refuse "a stopped module is refused" openssl dgst -sha256 -sign "$(uri p256)" message
says "it says how to start it" 'systemctl start edgehsmd'
check "keys in files go on working without the module" openssl dgst -sha256 -sign server.key -out s message

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
