#!/usr/bin/env python3
"""Transcribes a file by deepgram-sdk: deepgram-file.py HOST:PORT FILE [PARAMETER=VALUE ...]. Prints the answer as JSON."""
import sys

from deepgram import DeepgramClient
from deepgram.environment import DeepgramClientEnvironment

server, path = sys.argv[1:3]
more = dict(parameter.split("=", 1) for parameter in sys.argv[3:])
client = DeepgramClient(
    api_key="unused-on-loopback",
    environment=DeepgramClientEnvironment(
        base=f"http://{server}", production=f"ws://{server}", agent=f"ws://{server}", agent_rest=f"http://{server}"
    ),
)
with open(path, "rb") as audio:
    answer = client.listen.v1.media.transcribe_file(
        request=audio.read(), model="nova-3", smart_format=True, request_options={"additional_query_parameters": more}
    )
print(answer.json())
