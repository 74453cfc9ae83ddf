#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A container uses keys of the module through p11-kit's remoting: it is given one socket, and has neither
# the module's socket nor its library. The container is made of private namespaces and a root of its own.
. "$(dirname "$0")/lib.sh"
needs p11-kit p11tool unshare openssl
apart=(unshare --mount --net --pid --ipc --uts --fork)
[ "$(id -u)" = 0 ] || apart+=(--map-root-user)
"${apart[@]}" true 2>/dev/null || { skip "private namespaces are not allowed here" && finish; }

instead /run/edgehsm-share "$WORK/share"
mkdir share
printf 'secret' >message
page p11-kit-server >server.sh || finish
# p11-kit server returns once it listens, and goes on in the background; its process ends with $GROUP.
sed -i 's/p11-kit server /&--foreground /' server.sh
run_on server bash -eu server.sh
if eventually test -S share/p11.sock; then pass "p11-kit offers the token on a socket"; else
    fail "p11-kit offers the token on a socket" && cat server.log && finish
fi

# container SCRIPT: runs it in a root with the system's programs, an empty /tmp and the shared folder alone
cat >container.sh <<'INSIDE'
set -eu
root=$WORK/root
mount -t tmpfs tmpfs "$root"
mkdir -p "$root/usr" "$root/etc" "$root/proc" "$root/dev" "$root/tmp" "$root/run/edgehsm-share"
mount --rbind /usr "$root/usr"
mount --rbind /etc "$root/etc"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --rbind "$WORK/share" "$root/run/edgehsm-share"
for link in bin sbin lib lib64; do [ ! -L /$link ] || ln -s usr/$link "$root/$link"; done
cp "$WORK/inside.sh" "$WORK/message" "$root/tmp"
cd "$root/tmp"
exec env -i PATH=/usr/bin:/bin:/usr/sbin HOME=/tmp LC_ALL=C /usr/sbin/chroot "$root" sh -c 'cd /tmp && exec bash -eu inside.sh'
INSIDE
mkdir root
export WORK
# inside SENTENCE SCRIPT
inside() {
    { sed "s#$WORK/share#/run/edgehsm-share#g" environment.sh && printf '%s\n' "$2"; } >inside.sh
    check "$1" "${apart[@]}" bash container.sh
}
page p11-kit-container-environment >environment.sh && page p11-kit-container >container-commands.sh
inside "the container has no way to the module but this socket" \
    "[ ! -e '${EDGEHSM_MODULE#unix:}' ] && [ -S /run/edgehsm-share/p11.sock ]"
inside "the container makes a key and signs with it" "$(cat container-commands.sh)
openssl dgst -sha256 -verify tls.pub -signature message.sig message"
check "the key is in the module" sh -c 'edgehsm key list | grep -q container'
inside "pkcs11-tool in the container sees the key" \
    'pkcs11-tool --module "$LIBRARY" -O --type privkey | grep -q container'
stop "$GROUP"
refuse "without the server the container reaches nothing" "${apart[@]}" bash container.sh
finish
