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
# One of each way into the jar: Maven's dependencies, npm's packages by two locks, and what the build unpacks.
for part in maven/org.springframework.boot/spring-boot maven/io.netty/netty-codec-http maven/com.h2database/h2 maven/com.mysql/mysql-connector-j \
  npm/preact npm/%40preact/signals npm/%40preact/signals-core npm/sherpa-onnx- maven/org.bytedeco/ffmpeg maven/org.webjars/swagger-ui \
  maven/org.webjars.npm/redoc; do
  grep -q "\"purl\" : \"pkg:$part[@a-z]" sbom.json || { echo "sbom.json does not name $part" >&2; exit 1; }
done
if command -v python3 >/dev/null; then python3 -m json.tool sbom.json /dev/null; fi
components=$(grep -c '"bom-ref"' sbom.json)
./linescribe --version
./linescribe demo --exit --data "$place/data" --http 127.0.0.1:0 --sip 127.0.0.1:0 --rtp-ports 0
echo "the archive is whole: $components components in sbom.json, version and demo run"
