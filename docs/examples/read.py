#!/usr/bin/env python3
"""Follows the transcript of a session and survives every broken connection without a gap or a repeat.

    pip install websockets
    docs/examples/read.py my-session [FROM_SEQ]
"""

import asyncio
import json
import os
import sys

import websockets


async def main(session_id, from_seq="1"):
    next_seq = int(from_seq)
    key = os.environ.get("LINESCRIBE_KEY")
    while True:
        url = f"ws://127.0.0.1:8000/ws/subscribe/{session_id}?from_seq={next_seq}"
        headers = {"Authorization": f"Bearer {key}"} if key else None
        try:
            async with websockets.connect(url, additional_headers=headers) as socket:
                async for text in socket:
                    event = json.loads(text)
                    if event["type"] == "final":
                        print(f"{event['seq']:4} {event['leg']}: {event['text']}", flush=True)
                        next_seq = event["seq"] + 1
                    elif event["type"] == "ended":
                        return
        except (OSError, websockets.ConnectionClosed):
            pass
        await asyncio.sleep(1)


asyncio.run(main(*sys.argv[1:]))
