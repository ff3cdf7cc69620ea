#!/usr/bin/env bash
# peers.sh FOLDER [CONCURRENCY]: words wrong, latency and processor of LineScribe and of sherpa-onnx's own offline WebSocket server,
# the same recordings (test-calls/speech), the same model (moonshine-tiny-en), one after the other on this machine.
# Needs python3 with venv and the package registry, and a built program (./linescribe builds it).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$1 concurrency=${2:-3}
work=$(mktemp -d) gateway=
trap '[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true; rm -rf "$work"' EXIT
linescribe=${LINESCRIBE:-$root/linescribe}

cpu() { awk '{sub(/.*\) /, ""); print ($12 + $13) / '"$(getconf CLK_TCK)"'}' "/proc/$1/stat"; }

echo "load average $(cut -d' ' -f1 /proc/loadavg), $(nproc) cores, $(ls "$folder"/*.wav | wc -l) recordings"
"$linescribe" serve --model moonshine-tiny-en --data "$work/data" --http 127.0.0.1:0 --sip 127.0.0.1:0 --rtp-ports 0 >"$work/serve.log" 2>&1 &
gateway=$!
until grep -q '^ready' "$work/serve.log"; do kill -0 "$gateway"; sleep 0.5; done
http=$(sed -n 's/.*ready http=\([^ ]*\).*/\1/p' "$work/serve.log") sip=$(sed -n 's/.* sip=\([^ ]*\).*/\1/p' "$work/serve.log")
before=$(cpu "$gateway")
echo "== LineScribe, SIP and RTP as fast as spoken, $concurrency calls at once"
"$linescribe" call "$folder" --to "sip:$sip" --http "$http" --concurrency "$concurrency" --quiet || true
echo "processor      $(cpu "$gateway") $before" "$(ls "$folder"/*.wav | wc -l)" |
  awk '{printf "%s      %.1f s, %.2f s a call\n", $1, $2 - $3, ($2 - $3) / $4}'
kill "$gateway"; wait "$gateway" || true; gateway=

echo "== sherpa-onnx-offline-websocket-server, whole files as fast as they are taken"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install sherpa-onnx-bin websockets
PATH=$work/venv/bin:$PATH "$work/venv/bin/python" "$root/bench/compare/sherpa_server.py" \
  "$root/asr/src/main/resources/models/moonshine-tiny-en" "$folder" --texts "$work/texts.json"
[ -f "$root/bench/target/cp.txt" ] ||
  mvn -q -f "$root" -pl bench -am -DskipTests package dependency:build-classpath -Dmdep.outputFile=target/cp.txt
java=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* | head -1)}/bin/java
"$java" -cp "$root/bench/target/classes:$(cat "$root/bench/target/cp.txt")" org.linescribe.bench.asr.TextWords "$folder" "$work/texts.json"
