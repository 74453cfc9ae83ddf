#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# binary.sh EDGEHSMD: how the daemon's program file is built. Prints TAP.
set -u
binary=$1
number=0
ok() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" = 0 ]; then echo "ok $number - $1"; else echo "not ok $number - $1"; fi
}
has() { readelf -W "$1" "$binary" 2>/dev/null | grep -q -- "$2"; ok "$3" $?; }

has -h 'Type: *DYN' is_position_independent
has -l 'GNU_RELRO' has_read_only_relocations
has -d 'BIND_NOW\|FLAGS.*NOW' binds_everything_at_the_start
readelf -W -l "$binary" | grep 'GNU_STACK' | grep -q ' RW '
ok has_a_stack_that_cannot_be_executed $?
! readelf -W -l "$binary" | grep LOAD | grep -q 'RWE'
ok has_no_segment_to_write_and_execute $?
readelf -W --dyn-syms "$binary" | grep -q '__stack_chk_fail'
ok guards_its_stack $?
! readelf -W -d "$binary" | grep -q 'RPATH\|RUNPATH'
ok loads_libraries_from_the_system_alone $?
! readelf -W --dyn-syms "$binary" | grep -qw 'system\|popen\|execve\|execv\|execvp\|execl\|execlp\|posix_spawn\|dlopen'
ok cannot_call_another_program $?
# A thread's first function is called through a pointer.
case $(uname -m) in
x86_64 | aarch64)
    objdump -d --no-show-raw-insn "$binary" | sed -n '/<module_keep_ticking>:/{n;p}' |
        grep -q 'endbr64\|bti\|paciasp'
    ok has_landing_pads_for_jumps_through_pointers $? ;;
*) ok "has_landing_pads_for_jumps_through_pointers # SKIP not looked at on $(uname -m)" 0 ;;
esac
echo "1..$number"
