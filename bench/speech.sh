#!/usr/bin/env bash
# speech.sh: what general speech is measured by, one after the other with the bundled models, over SIP and RTP on this machine:
# words and latencies of one call at a time, digits, recordings without speech, and 10 and 30 calls that speak half of the time.
# About 16 minutes. Needs a built program (./linescribe builds it) and python3. Prints what `linescribe call` and `load` report.
# environment: LINESCRIBE  another program than ./linescribe
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
linescribe=${LINESCRIBE:-$root/linescribe}
work=$(mktemp -d) gateway=
stop() { [[ -z $gateway ]] || { kill "$gateway" && wait "$gateway" || true; }; gateway=; }
trap 'stop 2>/dev/null; rm -rf "$work"' EXIT

# serve MODEL: a gateway of its own; sets http and sip
serve() {
  stop
  "$linescribe" serve --model "$1" --data "$work/$1" --http 127.0.0.1:0 --sip 127.0.0.1:0 --rtp-ports 0 >"$work/$1.log" 2>&1 &
  gateway=$!
  until grep -q 'ready http' "$work/$1.log"; do kill -0 "$gateway"; sleep 0.5; done
  http=$(sed -n 's/.*ready http=\([^ ]*\).*/\1/p' "$work/$1.log") sip=$(sed -n 's/.* sip=\([^ ]*\).*/\1/p' "$work/$1.log")
}
# headed WORDS COMMAND...: a call without words, or a missed bound, is a figure here and no reason to stop
headed() { echo "== $1, load average $(cut -d' ' -f1 /proc/loadavg)"; shift; "$@" || true; }

# Each recording of up to 20 s (8 kHz, mu-law, A-law or PCM), and as long a silence.
python3 - "$root/test-calls/speech" "$work/half" <<'P'
import json, os, struct, sys
source, target = sys.argv[1:]
os.makedirs(target)
kept = []
for entry in json.load(open(f"{source}/manifest.json")):
    data = open(f"{source}/{entry['file']}", "rb").read()
    chunks, at = {}, 12
    while at + 8 <= len(data):
        length = struct.unpack("<I", data[at + 4:at + 8])[0]
        chunks[data[at:at + 4]] = data[at + 8:at + 8 + length]
        at += 8 + length + length % 2
    form, audio = chunks[b"fmt "], chunks[b"data"]
    silence = {7: b"\xff", 6: b"\xd5", 1: b"\0\0"}[struct.unpack("<H", form[:2])[0]]
    if len(audio) / len(silence) > 20 * 8000:
        continue
    audio += silence * (len(audio) // len(silence))
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(audio)) + audio
    with open(f"{target}/{entry['file']}", "wb") as out:
        out.write(b"RIFF" + struct.pack("<I", len(body)) + body)
    kept.append({**entry, "seconds": 2 * entry["seconds"]})
json.dump(kept, open(f"{target}/manifest.json", "w"))
P

serve moonshine-tiny-en
to=(--to "sip:$sip" --http "$http")
headed 'speech, one call at a time' "$linescribe" call "$root/test-calls/speech" "${to[@]}" --quiet
headed 'no speech' "$linescribe" call "$root/test-calls/nonspeech" "${to[@]}" --concurrency 7 --quiet
headed 'half of the time' "$linescribe" load "$work/half" "${to[@]}" --calls 10,30 --ramp 10s --hold 50s --pid "$gateway"
serve telephony-digits-en
headed 'digits, six calls at once' "$linescribe" call "$root/test-calls/human" --to "sip:$sip" --http "$http" --concurrency 6 --quiet
