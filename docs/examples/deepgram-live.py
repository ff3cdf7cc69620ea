#!/usr/bin/env python3
"""Streams raw audio by deepgram-sdk: deepgram-live.py HOST:PORT FILE ENCODING SAMPLE_RATE [PARAMETER=VALUE ...]

Only the addresses differ from a program that uses Deepgram itself. Prints each message as JSON.
"""
import sys
import threading

from deepgram import DeepgramClient
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment

server, path, encoding, sample_rate = sys.argv[1:5]
more = dict(parameter.split("=", 1) for parameter in sys.argv[5:])
client = DeepgramClient(
    api_key="unused-on-loopback",
    environment=DeepgramClientEnvironment(
        base=f"http://{server}", production=f"ws://{server}", agent=f"ws://{server}", agent_rest=f"http://{server}"
    ),
)

with client.listen.v1.connect(
    model="nova-3",
    encoding=encoding,
    sample_rate=sample_rate,
    channels=more.pop("channels", None),
    multichannel=more.pop("multichannel", None),
    interim_results=more.pop("interim_results", None),
    utterance_end_ms=more.pop("utterance_end_ms", None),
    vad_events=more.pop("vad_events", None),
    diarize=more.pop("diarize", None),
    request_options={"additional_query_parameters": more},
) as connection:
    connection.on(EventType.MESSAGE, lambda message: print(message.json(), flush=True))
    connection.on(EventType.ERROR, lambda error: print("error", error, flush=True))
    reader = threading.Thread(target=connection.start_listening)
    reader.start()
    refused = None
    try:
        with open(path, "rb") as audio:
            while chunk := audio.read(3200):
                connection.send_media(chunk)
        connection.send_keep_alive()
        connection.send_finalize()
        connection.send_close_stream()
    except Exception as closed:
        refused = closed
    reader.join()
    if refused:
        print("closed", refused, flush=True)
