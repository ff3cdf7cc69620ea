"""Opens a session of 48 kHz stereo, waits for its id, then records a file: audio-session-first-message.py URI FILE USER_ID"""
import asyncio
import json
import sys

import websockets

CHUNK_BYTES = 8192


class Recorder:
    def __init__(self, gateway, session_id):
        self.gateway = gateway
        self.session_id = session_id

    @classmethod
    async def open(cls, base, **parameters):
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        gateway = await websockets.connect(f"{base}?{query}")
        return cls(gateway, json.loads(await gateway.recv())["session_id"])

    async def write(self, chunk):
        await self.gateway.send(chunk)
        return json.loads(await asyncio.wait_for(self.gateway.recv(), timeout=60))

    async def close(self):
        await self.gateway.send(json.dumps({"type": "control", "action": "close_session"}))
        state = json.loads(await self.gateway.recv())
        await self.gateway.close()
        return state


async def main(base, path, user_id):
    recorder = await Recorder.open(
        base, sample_rate=48000, channels=2, format="wav", user_id=user_id
    )
    print("session", recorder.session_id)
    with open(path, "rb") as audio:
        while chunk := audio.read(CHUNK_BYTES):
            state = await recorder.write(chunk)
            if state["chunk_count"] % 10 == 0:
                print("chunks", state["chunk_count"])
    print("status", (await recorder.close())["status"])


asyncio.run(main(*sys.argv[1:]))
