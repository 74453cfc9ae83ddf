#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# gateway.sh process|chip: ./run demo gateway to its end, its page, and that nothing of it stays. Where its
# parts are missing, it says so.
set -u
form=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${EDGEHSM_BUILD:-$root/build}
skip() { echo "skip  gateway: $1"; echo "0 passed, 0 failed, 1 skipped"; exit 77; }
export PATH=$PATH:/usr/sbin:/sbin
for program in mosquitto mosquitto_pub mosquitto_sub faketime openssl; do
    command -v $program >/dev/null || skip "$program is not installed (tools/need test)"
done
[ -x "$build/demo/gateway/controller" ] || skip "libmosquitto-dev was not there when this was built (tools/need build)"
if [ "$form" = chip ]; then
    command -v qemu-system-arm >/dev/null || skip "qemu-system-arm is not installed (tools/need chip)"
    [ -f "${EDGEHSM_CHIP:-$root/build-chip}/body/firmware/firmware.img" ] ||
        skip "the chip's firmware is not built (./run build --form chip)"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
tell() { # SENTENCE STATUS
    if [ "$2" = 0 ]; then passed=$((passed + 1)) && echo "ok    $1"; else failed=$((failed + 1)) && echo "FAIL  $1"; fi
}
demo() { TMPDIR=$work/tmp "$root/demo/gateway/demo.sh" --form "$form" "$@"; }
nothing_stays() { [ -z "$(ls "$work/tmp")" ] && ! pgrep -f "$work/tmp/" >/dev/null; }

chmod 711 "$work" # the module's user must find its way
mkdir -m 711 "$work/tmp"
demo --html "$work/page.html" >"$work/out" 2>&1
status=$?
[ $status = 0 ] || tail -n 60 "$work/out" | sed 's/^/# /'
sed -n 's/^ *✓ /ok    /p; s/^ *✗ NOT SO: /FAIL  /p' "$work/out"
held=$(sed -n 's/^\([0-9]*\) held, .*/\1/p' "$work/out") broken=$(sed -n 's/.* held, \([0-9]*\) did not.*/\1/p' "$work/out")
passed=${held:-0} failed=${broken:-0}
tell "the demonstration comes to its end and succeeds" $status
for letter in a b c d e f g h; do grep -q "^  ($letter) " "$work/out" || break; done
tell "each of the eight attacks was tried" $?
nothing_stays
tell "nothing of it stays" $?

python3 - "$work/page.html" <<'END'
import re, sys
from html.parser import HTMLParser
page = open(sys.argv[1]).read()
class Tags(HTMLParser):
    open_tags, balanced = [], True
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br"):
            self.open_tags.append(tag)
        if any(name in ("src", "href", "srcset") for name, _ in attributes):
            sys.exit("the page wants another file")
    def handle_startendtag(self, tag, attributes):
        pass
    def handle_endtag(self, tag):
        self.balanced &= bool(self.open_tags) and self.open_tags.pop() == tag
tags = Tags()
tags.feed(page)
letters = set(re.findall(r'class="letter"[^>]*>(.)<', page))
sys.exit(not (tags.balanced and not tags.open_tags and letters == set("abcdefgh")
              and "prefers-color-scheme: dark" in page and "url(" not in page and "@import" not in page))
END
tell "the page is whole, needs nothing else, and its timeline has the eight attacks" $?

if [ "$form" = process ]; then
    demo --form nothing >"$work/out" 2>&1
    [ $? = 2 ] && grep -q "there is no form" "$work/out"
    tell "a form that does not exist is told" $?
    # killed in the middle
    TMPDIR=$work/tmp "$root/demo/gateway/demo.sh" >"$work/out" 2>&1 &
    for _ in $(seq 600); do ! grep -q 'Normal operation' "$work/out" || break; sleep 0.1; done
    kill -TERM $!
    wait $!
    [ $? = 143 ] && nothing_stays
    tell "killed in the middle, it leaves nothing either" $?
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
