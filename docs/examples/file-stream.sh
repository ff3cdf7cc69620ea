#!/bin/sh
# Sends a file and shows the events of its progress: file-stream.sh BASE FILE
exec curl --no-buffer --silent --show-error --form "audio=@$2" --form language=sw --form include_translation=true \
  --form include_insights=true "$1/audio/process-stream"
