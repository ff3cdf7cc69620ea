"""Records a file in step with the answers: audio-session.py URI FILE [SESSION_ID]

The first message that comes is taken for the answer to the first chunk."""
import asyncio
import json
import sys

import websockets

CHUNK_BYTES = 4096


async def main(base, path, session_id=None):
    target = f"{base}/{session_id}" if session_id else f"{base}?sample_rate=44100&channels=1"
    async with websockets.connect(target) as gateway:
        sent = 0
        with open(path, "rb") as audio:
            while chunk := audio.read(CHUNK_BYTES):
                await gateway.send(chunk)
                sent += 1
                state = json.loads(await asyncio.wait_for(gateway.recv(), timeout=60))
                print("chunk", sent, "of", state["chunk_count"], state["message"])
                session_id = session_id or state["session_id"]
        await gateway.send(json.dumps({"type": "control", "action": "close_session"}))
        print("session", session_id, json.loads(await gateway.recv())["status"])


asyncio.run(main(*sys.argv[1:]))
