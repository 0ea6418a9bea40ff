# The functions of .ci/run, which sources this file in the root of the repository.

# Ends all steps after this many seconds.
time_limit=3600
temporary=$(mktemp -d)
touch "$temporary/counts" "$temporary/failures"

stop_steps() {
  trap - EXIT INT TERM
  # `timeout` passes the signal on to everything that a step has started.
  # shellcheck disable=SC2046
  kill $(jobs -p) 2>/dev/null
  wait
}

# Prints the failures once more, as they may be far above, and the totals.
finish() {
  local code=$? passed failed
  stop_steps
  cat "$temporary/failures"
  read -r passed failed < <(awk '{ passed += $1; failed += $2 } END { print passed + 0, failed + 0 }' "$temporary/counts")
  # A run that was ended early must not read as passed.
  [ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
  rm -rf "$temporary"
  echo "took $((SECONDS / 60)) min $((SECONDS % 60)) s"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit "$?"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NAME COMMAND...: runs a command, in the background so that signals are handled at once.
step() {
  local name=$1 start=$SECONDS left=$((time_limit - SECONDS)) code
  echo "--- $name"
  timeout --kill-after=20 "$((left > 0 ? left : 1))" "${@:2}" &
  wait "$!"
  code=$?
  [ "$code" -ne 124 ] || echo "--- $name: stopped: all steps together may take $time_limit s"
  echo "--- $name: exit code $code after $((SECONDS - start)) s"
  return "$code"
}

# task NAME COMMAND...: a step that counts as one test.
task() {
  local code
  step "$@"
  code=$?
  echo "$((code == 0)) $((code != 0))" >>"$temporary/counts"
  [ "$code" -eq 0 ] || echo "FAILED $1" >>"$temporary/failures"
  return "$code"
}

# tests NAME COMMAND...: a step that passes its last arguments to vitest.
tests() {
  local results="$temporary/$1.json" log="$temporary/$1.log" code
  step "$@" --reporter=default --reporter=json --outputFile.json="$results" > >(tee "$log") 2>&1
  code=$?
  node .ci/results.mjs "$1" "$code" "$results" "$log" >>"$temporary/counts" 2>>"$temporary/failures"
}

declare -A background

# in_background FUNCTION: runs steps in parallel. `finish_background` waits for all of them and shows their output.
in_background() {
  (
    trap stop_steps EXIT
    trap 'exit 143' TERM
    "$1"
    exit 0
  ) >"$temporary/background-$1.log" 2>&1 &
  background[$1]=$!
}

finish_background() {
  local function
  for function in "${!background[@]}"; do
    wait "${background[$function]}" || echo '0 1' >>"$temporary/counts"
    cat "$temporary/background-$function.log"
  done
}

# Installs what Debian and Ubuntu have and this machine lacks.
install_programs() {
  local missing=() sudo=()
  has redis-server valkey-server || missing+=(redis-server)
  has faketime || missing+=(faketime)
  has luacheck || missing+=(lua-check)
  has chromium-headless-shell chromium-browser google-chrome || missing+=(chromium-headless-shell)
  python3 -m ensurepip --version &>/dev/null || missing+=(python3-venv)
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  [ "${#missing[@]}" -eq 0 ] || task 'install programs' "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    sh -c 'apt-get update && apt-get install -y "$@"' sh "${missing[@]}"
}

# has COMMAND...: whether one of them is on PATH.
has() { command -v "$@" >/dev/null; }
