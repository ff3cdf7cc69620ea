#!/usr/bin/env bash
# Unpacks a release's archive elsewhere and uses it as its users do.   build/check-release.sh app/target/release/linescribe-VERSION.tar.gz
set -euo pipefail
archive=$(readlink -f "${1:?expected: the archive, linescribe-VERSION.tar.gz}")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
(cd "$(dirname "$archive")" && sha256sum --quiet -c "$(basename "$archive").sha256")
tar -xzf "$archive" -C "$place"
cd "$place"/linescribe-*
sha256sum --quiet -c SHA256SUMS
for file in LICENSE NOTICE CHANGELOG.md sbom.json; do [ -s "$file" ] || { echo "$file is missing" >&2; exit 1; }; done
components=$(grep -c '"bom-ref"' sbom.json)
[ "$components" -gt 50 ] || { echo "sbom.json names $components components only" >&2; exit 1; }
./linescribe --version
./linescribe demo --exit --data "$place/data" --http 127.0.0.1:0 --sip 127.0.0.1:0 --rtp-ports 0
echo "the archive is whole: $components components in sbom.json, version and demo run"
