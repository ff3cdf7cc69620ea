#!/usr/bin/env python3
"""Streams a headerless mu-law file as fast as it is spoken, and prints the answers. A connection that breaks loses nothing.

    pip install websockets
    docs/examples/stream.py ws://127.0.0.1:8000/ws/transcribe/my-session test-calls/recorded/card-slt.ulaw

With an API key: LINESCRIBE_KEY=... in the environment.
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
    started = clock.time()
    sent = 0
    complete = False
    while not complete:
        # All of the file can be sent again. Of live audio keep the last minute, and name its first byte instead of 0.
        address = f"{uri}?codec=pcmu&audio_from=0&audio_sent={sent}"
        try:
            async with websockets.connect(address, additional_headers=headers, compression=None) as socket:
                # The first message tells which byte the gateway wants next.
                position = json.loads(await socket.recv()).get("audio_from", sent)
                answers = asyncio.create_task(show(socket))
                while position < len(audio) and not answers.done():
                    await socket.send(audio[position : position + FRAME_BYTES])
                    position = min(position + FRAME_BYTES, len(audio))
                    sent = max(sent, position)
                    # What was spoken while the connection was broken is sent at once.
                    await asyncio.sleep(max(0, started + position / 8000 - clock.time()))
                # The last utterance becomes a final 2 s after the last audio (flush-after).
                await asyncio.wait([answers], timeout=3)
                complete = not answers.done()
            if not complete:
                await socket.recv()  # fails with what closed it
        except (OSError, websockets.ConnectionClosed) as broken:
            if getattr(broken, "rcvd", None) and broken.rcvd.code in REFUSED:
                raise
            print(f"connecting again: {broken}", file=sys.stderr)
            await asyncio.sleep(1)


asyncio.run(main(*sys.argv[1:]))
