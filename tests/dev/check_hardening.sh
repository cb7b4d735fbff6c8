#!/usr/bin/env bash
# check_hardening.sh FILE...: the built files carry what the build flags promise.
set -u
. "$(dirname "$0")/../skip.sh"
status=0

# has FILE WHAT PATTERN COMMAND...: the command says so of the file, at least LEAST times.
has() {
  local file=$1 what=$2 pattern=$3 count
  shift 3
  count=$("$@" "$file" 2>/dev/null | grep -cE -- "$pattern")
  [ "$count" -ge "${LEAST:-1}" ] || { echo "$file: $what: $count, wanted ${LEAST:-1} at least" && status=1; }
}

command -v objdump >/dev/null || skip "binutils are not installed"
for file; do
  [ -f "$file" ] || skip "$file is not built"
  has "$file" "relocations read-only" GNU_RELRO readelf -lW
  has "$file" "symbols bound at start" 'FLAGS.*NOW' readelf -dW
  has "$file" "a stack that is not executable" 'GNU_STACK.* RW +0x' readelf -lW
  has "$file" "stack canaries" __stack_chk_fail objdump -T
  # At level 2 only copies into buffers of constant size are checked: 4 of them.
  LEAST=15 has "$file" "copies checked by _FORTIFY_SOURCE=3" '<__memcpy_chk@plt>' objdump -d
  has "$file" "position independent code" 'Type:.* DYN ' readelf -hW
  ! readelf -dW "$file" | grep -E 'RPATH|RUNPATH|TEXTREL' || status=1
  if [ "$(uname -m)" = x86_64 ]; then
    LEAST=1000 has "$file" "control flow protection (endbr64)" endbr64 objdump -d
    has "$file" "stack probes" 'orq +\$0x0,\(%rsp\)' objdump -d
  fi
done
exit $status
