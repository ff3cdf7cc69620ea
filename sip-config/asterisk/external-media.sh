#!/bin/sh
# Untested here: no registry of the tests has a build of Asterisk. Sends both parties of a channel to LineScribe by ExternalMedia (RTP).
# Usage: external-media.sh CHANNEL SESSION ASTERISK_IP
# Environment: ARI=http://127.0.0.1:8088/ari ARI_AUTH=user:password ARI_APP=a registered Stasis application
#              GATEWAY=http://127.0.0.1:8000 KEY=a key with the scope send, or empty where none is asked for
set -eu
channel=$1 session=$2 asterisk=$3
ari() { curl -sSf -u "$ARI_AUTH" -X POST "$ARI/$1" | jq -r .id; }

ports=$(curl -sSf -X POST "$GATEWAY/sessions/$session/media" -H "X-API-Key: ${KEY:-}" -H 'Content-Type: application/json' \
  -d "{\"format\": \"slin16\", \"legs\": [\"caller\", \"callee\"], \"from\": \"$asterisk\"}")

leg=0
for direction in in out; do # what the channel says, what it is told
  host=$(echo "$ports" | jq -r ".legs[$leg].external_host")
  snoop=$(ari "channels/$channel/snoop?app=$ARI_APP&spy=$direction")
  media=$(ari "channels/externalMedia?app=$ARI_APP&external_host=$host&format=slin16")
  bridge=$(ari "bridges?type=mixing")
  curl -sSf -u "$ARI_AUTH" -X POST "$ARI/bridges/$bridge/addChannel?channel=$snoop,$media"
  leg=$((leg + 1))
done

echo "transcribed as session $session; to end it, hang up the snoop and media channels and:"
echo "curl -X DELETE $GATEWAY/sessions/$session/media"
