#!/usr/bin/env python3
"""Transcribes a file by the openai package: openai-file.py HOST:PORT FILE FORMAT|stream. Prints what comes."""
import sys

from openai import OpenAI

server, path, response_format = sys.argv[1:4]
client = OpenAI(base_url=f"http://{server}/v1", api_key="unused-on-loopback", max_retries=0)
with open(path, "rb") as audio:
    if response_format == "stream":
        for event in client.audio.transcriptions.create(file=audio, model="gpt-4o-transcribe", stream=True):
            print(event.to_json(indent=None))
    elif response_format == "verbose_json":
        answer = client.audio.transcriptions.create(
            file=audio, model="whisper-1", response_format=response_format, timestamp_granularities=["word", "segment"]
        )
        print(answer.to_json(indent=None))
    else:
        answer = client.audio.transcriptions.create(file=audio, model="whisper-1", response_format=response_format)
        print(answer if isinstance(answer, str) else answer.to_json(indent=None))
