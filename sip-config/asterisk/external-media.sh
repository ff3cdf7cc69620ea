#!/bin/sh
# Untested here: no registry of the tests has a build of Asterisk. Sends both parties of a channel to LineScribe by ExternalMedia (RTP).
# Usage: external-media.sh CHANNEL SESSION ASTERISK_IP
# Environment: ARI=http://127.0.0.1:8088/ari ARI_AUTH=user:password ARI_APP=a registered Stasis application
#              GATEWAY=http://127.0.0.1:8000 KEY=a key with the scope send, or empty where none is asked for
set -eu
channel=$1 session=$2 asterisk=$3
# -g: an IPv6 address has brackets, which curl would take for a range.
ari() { curl -sSfg -u "$ARI_AUTH" -X "$1" "$ARI/$2"; }
create() { ari POST "$1" | jq -er .id; }
gateway() { curl -sSfg -X "$1" "$GATEWAY/sessions/$session/media" -H "X-API-Key: ${KEY:-}" -H 'Content-Type: application/json' -d "$2"; }

made= # what a failure removes again, the newest first
undo() {
  for path in $made; do ari DELETE "$path" || true; done
  gateway DELETE '' || true
}

# A channel can be added once it is in the application: StasisStart comes some time after the answer that has its id.
add() {
  for try in 1 2 3 4 5; do
    if ari POST "bridges/$1/addChannel?channel=$2"; then return; fi
    sleep 1
  done
  return 1
}

ports=$(gateway POST "{\"format\": \"slin16\", \"legs\": [\"caller\", \"callee\"], \"from\": \"$asterisk\"}")
trap undo EXIT
trap 'exit 1' HUP INT TERM

leg=0
for direction in in out; do # what the channel says, what it is told
  host=$(echo "$ports" | jq -er ".legs[$leg].external_host")
  snoop=$(create "channels/$channel/snoop?app=$ARI_APP&spy=$direction")
  made="channels/$snoop $made"
  media=$(create "channels/externalMedia?app=$ARI_APP&external_host=$host&format=slin16")
  made="channels/$media $made"
  bridge=$(create "bridges?type=mixing")
  made="bridges/$bridge $made"
  add "$bridge" "$snoop,$media"
  leg=$((leg + 1))
done
trap - EXIT

echo "transcribed as session $session; to end it, hang up the snoop and media channels and:"
echo "curl -X DELETE $GATEWAY/sessions/$session/media"
