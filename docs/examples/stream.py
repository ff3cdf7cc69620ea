#!/usr/bin/env python3
"""Streams a headerless G.711 file as fast as it is spoken, through broken connections, and prints the answers.

    pip install websockets
    docs/examples/stream.py ws://127.0.0.1:8000/ws/transcribe/my-session test-calls/recorded/card-slt.ulaw

The gateway detects whether the file is mu-law or A-law. With an API key: LINESCRIBE_KEY=... in the environment.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import sys

import websockets

FRAME_BYTES = 160  # 20 ms at 8 kHz, one byte a sample
REFUSED = {1008, 1009, 4001, 4009}  # to come again would not help


async def show(socket):
    with contextlib.suppress(websockets.ConnectionClosed):
        async for text in socket:
            message = json.loads(text)
            print(f"{message['seq']:4} {message['type']:8} {message['text']}", flush=True)


async def main(uri, file):
    audio = pathlib.Path(file).read_bytes()
    key = os.environ.get("LINESCRIBE_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else None
    clock = asyncio.get_running_loop()
    started = None
    position = 0
    while position < len(audio):
        try:
            async with websockets.connect(uri, additional_headers=headers, compression=None) as socket:
                answers = asyncio.create_task(show(socket))
                started = started or clock.time()
                while position < len(audio):
                    await socket.send(audio[position : position + FRAME_BYTES])
                    position += FRAME_BYTES
                    # What was spoken while the connection was broken is sent at once.
                    await asyncio.sleep(max(0, started + position / 8000 - clock.time()))
                await asyncio.sleep(3)  # the last utterance becomes a final 2 s after the last audio (flush-after)
            await answers
        except (OSError, websockets.ConnectionClosed) as broken:
            if getattr(broken, "rcvd", None) and broken.rcvd.code in REFUSED:
                raise
            print(f"connecting again: {broken}", file=sys.stderr)
            await asyncio.sleep(1)


asyncio.run(main(*sys.argv[1:]))
