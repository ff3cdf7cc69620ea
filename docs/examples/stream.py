#!/usr/bin/env python3
"""Streams a headerless G.711 file to LineScribe as fast as it is spoken, and prints the transcript.

    pip install websockets
    docs/examples/stream.py test-calls/recorded/card-slt.ulaw my-session

The gateway detects whether the file is mu-law or A-law. With an API key: LINESCRIBE_KEY=... in the environment.
"""

import asyncio
import json
import os
import pathlib
import sys

import websockets

FRAME_BYTES = 160  # 20 ms at 8 kHz, one byte a sample


async def send(socket, audio):
    clock = asyncio.get_running_loop()
    started = clock.time()
    for position in range(0, len(audio), FRAME_BYTES):
        await socket.send(audio[position : position + FRAME_BYTES])
        await asyncio.sleep(max(0, started + (position + FRAME_BYTES) / 8000 - clock.time()))
    await asyncio.sleep(3)  # the last utterance becomes a final 2 s after the last audio (flush-after)
    await socket.close()


async def main(file, session_id):
    key = os.environ.get("LINESCRIBE_KEY")
    async with websockets.connect(
        f"ws://127.0.0.1:8000/ws/transcribe/{session_id}",
        additional_headers={"Authorization": f"Bearer {key}"} if key else None,
    ) as socket:
        sending = asyncio.create_task(send(socket, pathlib.Path(file).read_bytes()))
        async for text in socket:
            message = json.loads(text)
            print(f"{message['seq']:4} {message['type']:8} {message['text']}")
        await sending


asyncio.run(main(*sys.argv[1:]))
