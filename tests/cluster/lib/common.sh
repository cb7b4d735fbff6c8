# Messages, processes and waiting, for the scripts of tests/cluster. Sourced.
# Expects STATE, the folder of this cluster.

say() { printf 'cluster: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# run_start NAME COMMAND...: in its own session, so that neither Ctrl-C at the
# terminal nor the end of this script reaches it.
run_start() {
  local name=$1
  shift
  setsid "$@" >"$STATE/logs/$name.log" 2>&1 </dev/null &
  printf '%s %s\n' $! "$(process_start_time $!)" >"$STATE/pids/$name"
  disown
}

# Field 22 of /proc/PID/stat, or nothing. Together with the process id it names
# a process for good: the number alone may be given to another one.
process_start_time() {
  sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# run_pid NAME: the process id, if that very process still runs.
run_pid() {
  local pid start
  read -r pid start 2>/dev/null <"$STATE/pids/$1" || return 1
  [ -n "$start" ] && [ "$(process_start_time "$pid")" = "$start" ] || return 1
  [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -c 1)" != Z ] || return 1
  printf '%s\n' "$pid"
}

run_quote_log() {
  say "last lines of $STATE/logs/$1.log:"
  tail -n 8 "$STATE/logs/$1.log" 2>/dev/null | cut -c 1-400 | sed 's/^/  /' >&2
}

# run_stop NAME...: asks all of them, then kills what still runs after 5 s.
run_stop() {
  local name pid deadline=$((SECONDS + 5))
  for name in "$@"; do
    pid=$(run_pid "$name") && kill -TERM -- "-$pid" 2>/dev/null
  done
  for name in "$@"; do
    while pid=$(run_pid "$name"); do
      if [ $SECONDS -ge $deadline ]; then
        kill -KILL -- "-$pid" 2>/dev/null
      fi
      sleep 0.05
    done
    rm -f "$STATE/pids/$name"
  done
}

# wait_until SECONDS PROCESS WHAT COMMAND...: polls COMMAND; gives up at the
# deadline or as soon as PROCESS, on which it depends, has ended.
wait_until() {
  local deadline=$((SECONDS + $1)) process=$2 what=$3
  shift 3
  until "$@" >/dev/null 2>&1; do
    if ! run_pid "$process" >/dev/null; then
      run_quote_log "$process"
      die "$process ended before $what"
    fi
    if [ $SECONDS -ge $deadline ]; then
      run_quote_log "$process"
      die "timed out waiting until $what"
    fi
    sleep 0.1
  done
}

# http_ok PORT PATH: a plain GET on loopback answers 200.
http_ok() {
  local line
  exec 9<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&9
  read -r -t 2 line <&9
  exec 9>&-
  [[ $line == *' 200 '* ]]
}

# Prints COUNT free loopback ports. They lie below the range from which the
# kernel takes the ports of outgoing connections, so nothing takes them between
# here and the server's own bind.
free_ports() {
  python3 - "$1" <<'PY'
import random, socket, sys
wanted, held = int(sys.argv[1]), []
for port in random.sample(range(20000, 32000), 4000):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", port))
    except OSError:
        continue
    held.append(s)
    print(port)
    if len(held) == wanted:
        sys.exit()
sys.exit("no free ports between 20000 and 32000")
PY
}

# fill TEMPLATE: config/TEMPLATE.in with @NAME@ replaced by the variable NAME.
fill() {
  local expressions=() name
  while read -r name; do
    expressions+=(-e "s|@$name@|${!name}|g")
  done < <(grep -o '@[A-Z_]*@' "$HERE/config/$1.in" | tr -d @ | sort -u)
  sed "${expressions[@]}" "$HERE/config/$1.in" >"$STATE/$1"
}
