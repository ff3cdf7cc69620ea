"""Streams a file of PCM and prints each message: stt-stream.py URI FILE CHUNK_BYTES"""
import asyncio
import json
import sys

import websockets


async def show(gateway):
    async for message in gateway:
        print(message, flush=True)


async def main(uri, path, chunk_bytes):
    async with websockets.connect(uri, open_timeout=120, ping_timeout=None) as gateway:
        print(await gateway.recv(), flush=True)  # session_started
        showing = asyncio.create_task(show(gateway))
        with open(path, "rb") as audio:
            while chunk := audio.read(chunk_bytes):
                await gateway.send(chunk)
                await asyncio.sleep(0.001)
        await gateway.send(json.dumps({"type": "end"}))
        await showing


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
