#!/usr/bin/env bash
# Makes a self-signed key and certificate for 127.0.0.1, once; the baresips share them.
#
# usage: tls_keys.sh          prints the folder: WORK/tls with key.pem, cert.pem and both.pem (key, then certificate)
# exit: 0 made or already there; else the status of openssl
set -euo pipefail
WORK=${SIPKIT_WORK:-${TMPDIR:-/tmp}/sipkit-$UID}
tls=$WORK/tls

if [[ ! -s $tls/both.pem ]]; then
    mkdir -p "$tls"
    chmod 700 "$tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=127.0.0.1 \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$tls/key.pem" -out "$tls/cert.pem" 2> "$tls/openssl.log"
    cat "$tls/key.pem" "$tls/cert.pem" > "$tls/both.pem"
    chmod 600 "$tls"/*.pem
fi
echo "$tls"
