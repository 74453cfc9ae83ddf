#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The command line beside a real daemon; run by tools/with-module, which exports EDGEHSM, PIN and the rest.
set -u
export LC_ALL=C.UTF-8
work=$(mktemp -d "${TMPDIR:-/tmp}/cli-daemon.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work" || exit 2
printf '%s\n' "$PIN" >pin
printf '%s\n' "$SO_PIN" >so
printf 'a message\n' >message
passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)) && echo "ok    $1"; }
fail() { failed=$((failed + 1)) && echo "FAIL  $1: $(tr '\n' ' ' <out | cut -c 1-300)"; }
skip() { skipped=$((skipped + 1)) && echo "skip  $1: $2"; }
check() { # NAME COMMAND...
    local name=$1
    shift
    if timeout 60 "$@" >out 2>&1 </dev/null; then ok "$name"; else fail "$name"; fi
}
exits() { # CODE NAME COMMAND...
    local wanted=$1 name=$2 code=0
    shift 2
    timeout 60 "$@" >out 2>&1 </dev/null || code=$?
    if [ $code = "$wanted" ]; then ok "$name"; else echo "exit $code" >>out && fail "$name"; fi
}
says() { # NAME REGEX: of what the last command said
    if grep -q -E -e "$2" out; then ok "$1"; else fail "$1"; fi
}
mkdir bin && printf '#!/bin/sh\nexec "$EDGEHSM" "$@" --pin-file pin\n' >bin/e && chmod 755 bin/e
PATH=$work/bin:$PATH

check "a key is made, and a request with it" e key new tls --csr tls.csr
check "the request verifies" openssl req -in tls.csr -verify -noout
check "a file is signed" e sign -k tls message
check "the public key comes out" e key show tls --pem tls.pub
check "openssl verifies the signature" openssl dgst -sha256 -verify tls.pub -signature message.sig message
exits 1 "a signature of another file does not fit" e verify -k tls pin message.sig
check "the PIN comes from a descriptor" bash -c '"$EDGEHSM" key list --pin-fd 5 5<pin'
check "the PIN comes from stdin" bash -c '"$EDGEHSM" key list --pin-file - <pin'
mkdir credentials && cp pin credentials/edgehsm-pin
check "the PIN comes from a systemd credential" env CREDENTIALS_DIRECTORY="$work/credentials" "$EDGEHSM" key list
exits 4 "without terminal and PIN there is a clear refusal" setsid "$EDGEHSM" key list
says "it names the options" 'EH-3006.*|--pin-file'

# every verb's JSON is JSON
json() { e "$@" --json 2>/dev/null | python3 -c 'import json, sys; json.load(sys.stdin)'; }
export -f json
for line in "status" "status --mechanisms" "token" "key list" "key show tls" "doctor" "last-error -n 9" \
    "sign -k tls message" "verify -k tls message" "log verify" "snippet nginx tls"; do
    check "'$line --json' is JSON" bash -c "json $line"
done
check "each line of 'log show --json' is JSON" bash -c \
    '"$EDGEHSM" log show --json | python3 -c "import json, sys; [json.loads(l) for l in sys.stdin]"'
exits 3 "a missing key ends with 3" e sign -k nothing message
check "an error with --json is JSON" bash -c \
    'e sign -k nothing message --json 2>&1 >/dev/null | python3 -c "import json, sys; json.load(sys.stdin)[\"error\"][\"code\"]"'

# a terminal of its own, through python's pty
cat >ask.py <<'PY'
import os, pty, sys, time
answers, command = sys.argv[1].split(","), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
seen = b""
for answer in answers:
    while not seen.rstrip().endswith(b":"):
        part = os.read(fd, 1024)
        if not part:
            break
        seen += part
    seen = b""
    time.sleep(0.05)
    os.write(fd, answer.encode() + b"\n")
rest = b""
try:
    while True:
        part = os.read(fd, 1024)
        if not part:
            break
        rest += part
except OSError:
    pass
sys.stdout.write(rest.decode(errors="replace"))
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status))
PY
check "the PIN is asked for on the terminal" python3 ask.py "$PIN" "$EDGEHSM" key list
if grep -q "$PIN" out; then fail "what is typed is not shown"; else ok "what is typed is not shown"; fi
cat >interrupt.py <<'PY'
import os, pty, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
while not seen.rstrip().endswith(b":"):
    seen += os.read(fd, 1024)
for _ in range(100):
    if not termios.tcgetattr(fd)[3] & termios.ECHO:
        break
    time.sleep(0.02)
hidden = not termios.tcgetattr(fd)[3] & termios.ECHO
os.write(fd, b"123\x03")
status = os.waitpid(pid, 0)[1]
shown = termios.tcgetattr(fd)[3] & termios.ECHO
sys.exit(0 if hidden and shown and os.WIFSIGNALED(status) else 1)
PY
check "Ctrl-C at the prompt leaves a terminal that shows what is typed" python3 interrupt.py "$EDGEHSM" key list
exits 4 "two different new PINs are refused" python3 ask.py "$PIN,newpin1,newpin2" "$EDGEHSM" token pin
exits 4 "a wrong name does not confirm" python3 ask.py "other" "$EDGEHSM" key delete tls --pin-file pin
check "the name confirms" python3 ask.py "tls" "$EDGEHSM" key delete tls --pin-file pin
check "colour only on a terminal" bash -c '! "$EDGEHSM" bogus 2>&1 | grep -q "$(printf "\033")"'

# who is let in, by what the kernel says
if [ "$(id -u)" = 0 ]; then
    stranger=(setpriv --reuid 64998 --regid 64997 --clear-groups --)
    check "a user and a group are let in" "$EDGEHSM" token set --access peers --peer uid:64998 --peer gid:64996 \
        --so-pin-file so
    check "the user needs no PIN" "${stranger[@]}" "$EDGEHSM" key list
    check "a member of the group needs no PIN" setpriv --reuid 64995 --regid 64997 --groups 64996 -- "$EDGEHSM" key list
    exits 4 "another user does" setsid setpriv --reuid 64995 --regid 64997 --clear-groups -- "$EDGEHSM" key list
    check "and the PIN lets in as before" e key list
else
    skip "peers by user and group" "needs root to become others"
fi

# the log, live and exported
check "the log verifies live" "$EDGEHSM" log verify
check "an export is written" "$EDGEHSM" log export audit.log
key=$(sed -n '1s/^edgehsm-log 1 [^ ]* \([^ ]*\) .*/\1/p' audit.log)
check "it verifies without the module" env EDGEHSM_MODULE=/nowhere "$EDGEHSM" log verify audit.log --key "$key"
check "the log goes on from it" "$EDGEHSM" log verify --since audit.log
check "its room is released" "$EDGEHSM" log export again.log --release --so-pin-file so
check "the log verifies after that" "$EDGEHSM" log verify

check "doctor finds the daemon" bash -c '"$EDGEHSM" doctor | grep "^OK *daemon"'
exits 5 "a module that is not there ends with 5" "$EDGEHSM" --module /nowhere/at.sock status
says "it says how to start it" 'systemctl start edgehsmd'
child=$(tr -d ' ' <"/proc/$EDGEHSM_DAEMON/task/$EDGEHSM_DAEMON/children" 2>/dev/null || true)
if [ -n "$child" ] && kill -STOP "$child" 2>/dev/null; then
    kill -CONT "$child"
    check "a daemon that was stopped for a moment answers again" "$EDGEHSM" status
else
    skip "a stopped daemon" "its process cannot be signalled by this user"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
