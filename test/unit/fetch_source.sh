#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch_source.sh TOOL: tools/fetch-source with an apt of our own that offers three versions of one
# package, so that nothing is asked of the network.
set -eu
tool=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
. /etc/os-release

check() { # NAME COMMAND...
    name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok    $name"
    else
        failed=$((failed + 1))
        echo "FAIL  $name"
        sed 's/^/      /' "$work/said"
    fi
}
not() { ! "$@"; }

# ---- an upstream in three versions, and a stand-in for apt

mkdir -p "$work/bin" "$work/pool" "$work/etc/sources.list.d"
for v in 1 2 3; do
    mkdir -p "$work/tree/thing-$v/src"
    echo "version $v" >"$work/tree/thing-$v/src/thing.c"
    tar -c -J -f "$work/pool/thing_$v.orig.tar.xz" -C "$work/tree" "thing-$v"
    eval "hash_$v=$(sha256sum "$work/pool/thing_$v.orig.tar.xz" | cut -d ' ' -f 1)"
done
cat >"$work/bin/apt-get" <<'EOF'
#!/bin/sh
for a; do
    case $a in
    Dir::Etc::SourceList=*) list=${a#*=} ;;
    Dir::Etc::SourceParts=*) parts=${a#*=} ;;
    update) echo update >>"$WORK/asked"; cat "$list" "$parts"/* >"$WORK/sources"; exit ${UPDATE:-0} ;;
    thing=*)
        echo "$a" >>"$WORK/asked"
        case " ${GONE:-} " in *" ${a#thing=} "*) exit 100 ;; esac
        v=${a#thing=} && v=${v%-*}
        cp "$WORK/pool/thing_$v.orig.tar.xz" .
        [ -z "${DAMAGE:-}" ] || echo x >>"thing_$v.orig.tar.xz" ;;
    esac
done
EOF
cat >"$work/bin/apt-cache" <<'EOF'
#!/bin/sh
for v in 1 2 3; do
    f=thing_$v.orig.tar.xz
    printf 'Package: thing\nVersion: %s-%s\nChecksums-Sha256:\n 00 1 thing_%s.dsc\n %s 1 %s\nHomepage: x\n\n' \
        $v $v $v "$(sha256sum "$WORK/pool/$f" | cut -d ' ' -f 1)" $f
done
EOF
chmod +x "$work/bin/apt-get" "$work/bin/apt-cache"
cat >"$work/etc/sources.list" <<EOF
# a comment
deb [arch=amd64 signed-by=/k.gpg] mirror:/one $VERSION_CODENAME main contrib # another
deb-src mirror:/one $VERSION_CODENAME-updates main
deb mirror:/other stranger main
EOF
cat >"$work/etc/sources.list.d/a.sources" <<EOF
Types: deb
# a comment within
URIs: mirror:/two
Suites: $VERSION_CODENAME stranger
 $VERSION_CODENAME-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Enabled: no
Types: deb
URIs: mirror:/off
Suites: $VERSION_CODENAME
Components: main
EOF
lock() { printf '# a comment\n' >"$work/lock"; for l; do echo "$l" >>"$work/lock"; done; }
fetch() { # SETTING... -- NAME...
    settings=
    while [ "$1" != -- ]; do
        settings="$settings $1"
        shift
    done
    shift
    : >"$work/asked"
    env WORK="$work" PATH="$work/bin:$PATH" EDGEHSM_VENDOR="$work/vendor" EDGEHSM_APT_ETC="$work/etc" \
        EDGEHSM_SOURCES_LOCK="$work/lock" $settings "$tool" "$@" >"$work/said" 2>&1
}
said() { grep -q "$1" "$work/said"; }
holds() { [ "$(cat "$work/vendor/thing/src/thing.c" 2>/dev/null)" = "version $1" ]; }
has() { grep -qxF "$1" "$work/sources"; }

# ---- what it takes

lock "thing thing $hash_2 2"
check "pinned_version_is_taken_though_there_is_a_newer_one" fetch -- thing
check "source_is_unpacked_without_its_folder" holds 2
check "one_line_entries_become_entries_of_sources" \
    has "deb-src [arch=amd64 signed-by=/k.gpg] mirror:/one $VERSION_CODENAME main contrib"
check "entries_of_sources_stay" has "deb-src mirror:/one $VERSION_CODENAME-updates main"
check "entries_of_others_are_left_out" not grep -q "stranger\|mirror:/other" "$work/sources"
check "paragraphs_become_entries_of_sources" \
    has "Suites: $VERSION_CODENAME $VERSION_CODENAME-security"
check "keys_written_into_a_paragraph_stay" has " -----END PGP PUBLIC KEY BLOCK-----"
check "paragraphs_that_are_switched_off_are_left_out" not grep -q "mirror:/off" "$work/sources"
check "second_run_succeeds" fetch -- thing
check "second_run_asks_nobody" not [ -s "$work/asked" ]

lock "thing thing $hash_3 3"
check "another_pin_brings_another_version" fetch -- thing
check "and_replaces_the_one_before" holds 3

rm -rf "$work/vendor"
lock "thing thing $hash_3 3" "thing thing $hash_1 1"
check "version_that_is_gone_gives_way_to_an_older_pinned_one" fetch GONE=3-3 -- thing
check "which_is_then_there" holds 1

# ---- what it refuses

rm -rf "$work/vendor"
check "damaged_tarball_is_refused" not fetch DAMAGE=1 -- thing
check "and_nothing_is_unpacked" not [ -e "$work/vendor/thing" ]
check "all_versions_gone_is_refused" not fetch "GONE=1-1 3-3" -- thing
lock "thing thing $hash_3 3"
check "gone_version_is_refused" not fetch GONE=3-3 -- thing
check "and_it_says_what_is_pinned_and_offered" said "$hash_2  2-2"
lock "thing thing 00 0"
check "unpinned_versions_are_refused" not fetch -- thing
check "and_it_says_what_to_do" said "add a line to tools/sources.lock"
check "unknown_name_is_refused" not fetch -- stranger
check "and_it_says_which_there_are" said "It has: thing"
lock "thing thing $hash_1 1"
check "sources_that_cannot_be_read_are_told" not fetch UPDATE=100 -- thing
rm -r "${work:?}/etc"
mkdir "$work/etc"
check "machine_without_sources_is_told" not fetch -- thing
check "and_it_says_where_they_would_be" said "sources.list"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
