# What .ci/run is made of. Sourced by it, in the root of the repository.

# All steps together end after this many seconds.
time_limit=1200
temporary=$(mktemp -d)
node24=$temporary/node24/node_modules/node/bin
step_pid=
redis_pid=
background_pid=
passed=0
failed=0

stop_all() {
  trap - EXIT INT TERM
  # `timeout` hands the signal on to all that a step has started.
  for pid in $step_pid $background_pid; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  rm -rf "$temporary"
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NAME COMMAND...: runs one; in the background, as a signal would have to wait for it otherwise.
step() {
  local name=$1 start=$SECONDS left=$((time_limit - SECONDS)) code
  echo "--- $name"
  timeout --kill-after=20 "$((left > 0 ? left : 1))" "${@:2}" &
  step_pid=$!
  wait "$step_pid"
  code=$?
  step_pid=
  [ "$code" -ne 124 ] || echo "--- $name: stopped, as all steps together may take $time_limit s"
  echo "--- $name: exit code $code after $((SECONDS - start)) s"
  return "$code"
}

# tests NAME COMMAND...: a step that hands its last arguments to vitest; adds to `passed` and `failed`.
tests() {
  local results="$temporary/$1.json" code ok bad
  step "$@" --reporter=default --reporter=json --outputFile.json="$results"
  code=$?
  # Without results vitest was not reached, or was ended.
  ok=$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).numPassedTests' "$results" 2>/dev/null) || ok=0
  bad=$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).numFailedTests' "$results" 2>/dev/null) || bad=0
  passed=$((passed + ok))
  failed=$((failed + (code != 0 && bad == 0 ? 1 : bad)))
  [ "$code" -eq 0 ] || note_failures "$1" "$results" >>"$temporary/failures"
  return "$code"
}

# note_failures NAME RESULTS: the failed tests of a step, with the first lines of their messages.
note_failures() {
  node -e '
    const [name, file] = process.argv.slice(1);
    console.log(`FAILED ${name}`);
    for (const { testResults } of [JSON.parse(fs.readFileSync(file))])
      for (const { name: path, message, assertionResults } of testResults) {
        if (message) console.log(`  ${path}: ${message.slice(0, 500)}`);
        for (const test of assertionResults)
          if (test.status === "failed")
            console.log(`  ${path}: ${test.fullName}\n    ${test.failureMessages.join("\n").slice(0, 1500).replaceAll("\n", "\n    ")}`);
      }' "$@" 2>/dev/null
}

# task NAME COMMAND...: a step that is one test by itself.
task() {
  if step "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $1" >>"$temporary/failures"
  fi
}

free_port() {
  node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# in_background FUNCTION: runs steps beside others; what they print comes with `finish_background`.
in_background() {
  (
    passed=0
    failed=0
    trap stop_background EXIT
    trap 'exit 143' TERM
    "$1"
    echo "$passed $failed" >"$temporary/background.results"
  ) >"$temporary/background.log" 2>&1 &
  background_pid=$!
}

stop_background() {
  trap - EXIT TERM
  [ -z "$step_pid" ] || { kill "$step_pid" && wait "$step_pid"; } 2>/dev/null
  [ -z "${LOCALSTACK_PORT:-}" ] || "$localstack" stop
  [ -z "$redis_pid" ] || kill "$redis_pid" 2>/dev/null
}

# Waits for the steps in the background, shows what they printed, and adds their results.
finish_background() {
  wait "$background_pid"
  background_pid=
  cat "$temporary/background.log"
  local ok=0 bad=1
  read -r ok bad <"$temporary/background.results"
  passed=$((passed + ok))
  failed=$((failed + bad))
}

# The tests against a LocalStack and a Redis of their own, away from any that runs already.
end_to_end() {
  if [ ! -x "$localstack" ]; then
    echo "--- e2e: skipped, as there is no $localstack; npm run test:e2e takes a LocalStack that runs"
    return
  fi
  export LOCALSTACK_PORT AWS_ENDPOINT_URL REDIS_URL
  local redis_server redis_port
  redis_server=$(command -v redis-server || command -v valkey-server)
  redis_port=$(free_port)
  LOCALSTACK_PORT=$(free_port)
  AWS_ENDPOINT_URL=http://localhost:$LOCALSTACK_PORT
  REDIS_URL=redis://127.0.0.1:$redis_port
  "$redis_server" --port "$redis_port" --bind 127.0.0.1 --dir "$temporary" --save '' >"$temporary/redis.log" 2>&1 &
  redis_pid=$!
  export LAMBDA_PROCESS_NODE=$node24/node
  # Reports the figures of queues to CloudWatch three times as often as it would, for the test of the alarms.
  export SQS_CLOUDWATCH_METRICS_REPORT_INTERVAL=20
  # Asks queues for messages at once instead of after a second, and after a second instead of up to 10 where they were
  # empty: a message that can never be counted is received 8 times.
  export LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC=0.1
  export LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC=1
  if ! step 'LocalStack' "$localstack" start; then
    failed=$((failed + 1))
  elif ! tests 'e2e' npm run test:e2e --; then
    echo '--- e2e: the last lines of LocalStack and of Redis'
    tail -n 40 "$("$localstack" logs)" "$temporary/redis.log"
  fi
  unset AWS_ENDPOINT_URL REDIS_URL
}
