#!/usr/bin/env python3
"""What vosk-server's own test client does: vosk.py ws://HOST:PORT/vosk FILE.wav. Prints every answer on a line."""
import asyncio
import json
import sys
import wave

import websockets


async def main(uri, path):
    async with websockets.connect(uri, open_timeout=120, ping_timeout=None) as server:
        audio = wave.open(path, "rb")
        await server.send('{ "config" : { "sample_rate" : %d } }' % audio.getframerate())
        while data := audio.readframes(int(audio.getframerate() * 0.2)):
            await server.send(data)
            print(json.dumps(json.loads(await server.recv())), flush=True)
        await server.send('{"eof" : 1}')
        print(json.dumps(json.loads(await server.recv())), flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2]))
