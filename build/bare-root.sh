#!/usr/bin/env bash
# Tries the README's two commands where nothing is installed: a bare Debian root (debootstrap, minbase) with JDK 25, Maven and npm,
# and a clone of this checkout's HEAD in an empty folder of it. Needs root, debootstrap and git.
#
# usage: build/bare-root.sh ROOT [COMMAND...]      COMMAND: one shell line each, run in the clone
#   ROOT     a folder that does not exist yet, or a root that an earlier run made: its packages are kept, its clone is replaced
#   COMMAND  default: './linescribe demo --exit' and 'mvn -B --no-transfer-progress verify'
# environment: JAVA_HOME  the JDK 25 that is copied into the root
# How this machine reaches its package mirrors and registries (apt's sources, certificates, Maven's, npm's and pip's settings, proxy
# variables) holds in the root too. Prints the last lines of each command and its exit status; the whole output lies in ROOT/out.
# exit: 0 every command ended with 0; 1 one did not; 2 wrong usage
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
last_lines=40

usage() { echo "bare-root.sh: $1" >&2; sed -n '5,7p' "${BASH_SOURCE[0]}" >&2; exit 2; }
(($# >= 1)) || usage 'ROOT is needed'
root=$1
shift
commands=("$@")
((${#commands[@]})) || commands=('./linescribe demo --exit' 'mvn -B --no-transfer-progress verify')
[[ $(id -u) == 0 ]] || usage 'only root may make one'
[[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]] || usage "JAVA_HOME: '${JAVA_HOME:-}' (expected: a JDK 25)"
"$JAVA_HOME/bin/java" -version 2>&1 | grep -q 'version "25' || usage "JAVA_HOME: $JAVA_HOME is no JDK 25"

# copy PATH...: into the root, at the same place, where this machine has it
copy() {
  local path
  for path in "$@"; do
    [[ -e $path ]] || continue
    mkdir -p "$root$(dirname "$path")"
    rm -rf "${root:?}$path"
    cp -aL "$path" "$root$path"
  done
}

mounted=()
unmount() {
  local point
  for point in "${mounted[@]}"; do umount -l "$point"; done
}
trap unmount EXIT
# into LINE: runs a shell line in the root, with a home of its own and nothing of this machine's environment but its way out
into() {
  local kept=() name
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY MAVEN_OPTS MAVEN_ARGS NODE_EXTRA_CA_CERTS \
    SSL_CERT_FILE REQUESTS_CA_BUNDLE PIP_INDEX_URL PIP_CERT; do
    if [[ -n ${!name:-} ]]; then kept+=("$name=${!name}"); fi
  done
  chroot "$root" env -i HOME=/root USER=root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive JAVA_HOME=/opt/jdk \
    PATH=/opt/jdk/bin:/usr/sbin:/usr/bin:/sbin:/bin "${kept[@]}" bash -c "$1"
}

mount_kernel() {
  local point
  for point in proc sys dev; do
    mkdir -p "$root/$point"
    mount --rbind "/$point" "$root/$point"
    mount --make-rslave "$root/$point"
    mounted=("$root/$point" "${mounted[@]}")
  done
}

if [[ ! -e $root/bare-root ]]; then
  [[ ! -e $root ]] || usage "$root exists and is no bare root"
  # The distribution, and where this machine gets it.
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == suite {print $2; exit}')
  [[ $mirror ]] || usage "apt has no source of $suite"
  debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; exit 1; }
  rm "$root/etc/apt/sources.list"
  copy /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/apt/trusted.gpg.d \
    /etc/apt/keyrings /etc/resolv.conf /etc/hosts
  mkdir -p "$root/opt"
  cp -aL "$JAVA_HOME" "$root/opt/jdk"
  mount_kernel
  into 'apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates maven npm >/dev/null 2>&1'
  touch "$root/bare-root"
else
  mount_kernel
fi
copy /etc/resolv.conf /etc/hosts /etc/ssl /usr/local/share/ca-certificates /etc/maven/settings.xml /root/.m2/settings.xml \
  /etc/npmrc /root/.npmrc /etc/pip.conf

rm -rf "$root/clone" "$root/out"
mkdir -p "$root/clone/linescribe" "$root/out"
git -C "$here" archive HEAD | tar -x -C "$root/clone/linescribe"

failed=0
for i in "${!commands[@]}"; do
  status=0
  started=$SECONDS
  into "cd /clone/linescribe && ${commands[i]}" >"$root/out/$i.txt" 2>&1 || status=$?
  tail -n "$last_lines" "$root/out/$i.txt"
  echo "== ${commands[i]}: exit status $status after $((SECONDS - started)) s"
  ((status == 0)) || failed=1
done
exit "$failed"
