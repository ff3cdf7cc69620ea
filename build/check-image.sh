#!/usr/bin/env bash
# Builds the image of ops/Dockerfile and runs it as ops/compose.yaml does: read-only, without capabilities, not as root. Places calls to it
# and stops it. Needs a Docker engine with BuildKit; ports 8000 and 5060 have to be free.
#
# usage: build/check-image.sh [BUILD_OPTION...]      options of docker build, such as --network=host
# exit: 0 the image works; 1 it does not
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image=linescribe:check
name=linescribe-check-$$

fail() {
  echo "check-image.sh: $1" >&2
  docker logs --tail 40 "$name" >&2 2>/dev/null || true
  exit 1
}
cleanup() {
  docker rm --force "$name" >/dev/null 2>&1 || true
  docker volume rm "$name" >/dev/null 2>&1 || true
}
trap cleanup EXIT

DOCKER_BUILDKIT=1 docker build "$@" --file "$root/ops/Dockerfile" --tag "$image" "$root"
docker volume create "$name" >/dev/null
docker run --detach --name "$name" --network host --read-only --tmpfs /tmp:exec --cap-drop ALL \
  --security-opt no-new-privileges:true --volume "$name:/var/lib/linescribe" "$image" >/dev/null
for ((i = 0; i < 120; i++)); do
  state=$(docker inspect --format '{{.State.Status}} {{.State.Health.Status}}' "$name")
  [[ $state != exited* ]] || fail "it ended: $state"
  [[ $state != *" healthy" ]] || break
  sleep 1
done
[[ $state == "running healthy" ]] || fail "not healthy after 120 s: $state"
[[ $(docker exec "$name" id -u) != 0 ]] || fail 'it runs as root'
if docker exec "$name" touch /opt/linescribe/written 2>/dev/null; then fail 'its file system is not read-only'; fi

# The call tool of the same image, from a container of its own; one call at a time, as engines also run on small machines.
docker run --rm --network host --read-only --tmpfs /tmp:exec --volume "$root/test-calls/human:/calls:ro" "$image" \
  call /calls --to sip:127.0.0.1:5060 --http 127.0.0.1:8000 || fail 'a call failed'

docker stop --time 45 "$name" >/dev/null
code=$(docker inspect --format '{{.State.ExitCode}}' "$name")
# 143: ended by SIGTERM; 137 would be a kill after the 45 s.
[[ $code == 143 || $code == 0 ]] || fail "SIGTERM ended it with $code"
echo "image: built, healthy, not root, read-only, calls transcribed, stopped with $code ($(docker image inspect --format '{{.Size}}' "$image") bytes)"
