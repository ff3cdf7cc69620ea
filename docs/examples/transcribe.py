"""Streams a file of G.711 and waits for an answer after every frame: transcribe.py URI FILE"""
import asyncio
import sys

import websockets

FRAME_BYTES = 320  # 40 ms


async def main(uri, path):
    async with websockets.connect(uri, open_timeout=120) as gateway:
        with open(path, "rb") as audio:
            for frame in iter(lambda: audio.read(FRAME_BYTES), b""):
                await gateway.send(frame)
                print(await gateway.recv(), flush=True)


asyncio.run(main(*sys.argv[1:]))
