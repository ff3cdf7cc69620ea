#!/usr/bin/env bash
# supervise.sh [CALLS] [SECONDS]: a gateway with CALLS live calls (50), and the console's Live page open for SECONDS (600).
# Needs node and Chromium. LINESCRIBE: another launcher.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
calls=${1:-50} seconds=${2:-600}
linescribe=${LINESCRIBE:-$root/linescribe}
data=$(mktemp -d)
cleanup() {
  kill "${caller:-}" "${gateway:-}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$data"
}
trap cleanup EXIT

"$linescribe" serve --data "$data" --http 127.0.0.1:0 --sip 127.0.0.1:0 --model telephony-digits-en \
  --set linescribe.asr.queue-bound=2m --set linescribe.asr.saturation-backlog=2m >"$data/log" 2>&1 &
gateway=$!
until ready=$(grep -m1 -o 'ready http=[^ ]* sip=[^ ]*' "$data/log"); do
  kill -0 "$gateway" || { cat "$data/log"; exit 1; }
  sleep 1
done
http=$(sed 's/ready http=\([^ ]*\).*/\1/' <<<"$ready")
sip=${ready##*sip=}
# One recording for as long as the page is open, and a minute for the calls to begin in.
recording=$root/test-calls/recorded/card-slt.ulaw
for ((i = 0; i <= (seconds + 60) * 8000 / $(stat -c %s "$recording"); i++)); do cat "$recording"; done >"$data/long.ulaw"
"$linescribe" call "$data/long.ulaw" --to "sip:$sip" --http "$http" --concurrency "$calls" --repeat "$calls" --rate 5 --quiet >"$data/calls" 2>&1 &
caller=$!
for ((i = 0; i < 120; i++)); do
  open=$(curl -fsS "http://$http/health" | grep -o '"open_sources":[0-9]*' | cut -d: -f2)
  [ "$open" -ge "$calls" ] && break
  kill -0 "$caller" || { cat "$data/calls"; exit 1; }
  sleep 1
done
echo "$open calls go on" >&2
node "$root/bench/console/supervise.cjs" "http://$http" "$seconds"
