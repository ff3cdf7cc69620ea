#!/usr/bin/env python3
"""WhisperLive's own streaming client: whisperlive.py HOST PORT/whisperlive FILE.wav [option=value …]

FILE.wav has 16-bit samples, mono, at 16 kHz, and is sent as fast as it was spoken.
Prints each segment as a line of JSON: partial, committed, then all.
"""
import json
import sys
import time
import wave

from whisper_live.client import StreamingTranscriptionClient

host, port, path, *options = sys.argv[1:]


def show(kind):
    return lambda text, segments: print(json.dumps({"kind": kind, "text": text, "segment": segments[-1]}), flush=True)


def value(text):
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)


client = StreamingTranscriptionClient(
    host,
    port,
    on_partial_transcript=show("partial"),
    on_committed_transcript=show("committed"),
    ready_timeout=120,
    **{name: value(text) for name, text in (option.split("=", 1) for option in options)},
)
client.connect()
with wave.open(path, "rb") as audio:
    while chunk := audio.readframes(1600):
        client.send(chunk)
        time.sleep(len(chunk) / 2 / audio.getframerate())
client.close(timeout=120)
print(json.dumps({"kind": "transcript", "segments": client.transcript}), flush=True)
