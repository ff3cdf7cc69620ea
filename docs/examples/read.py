#!/usr/bin/env python3
"""Follows the transcript of a session and survives every broken connection without a gap or a repeat.

    pip install websockets
    docs/examples/read.py ws://127.0.0.1:8000/ws/subscribe/my-session [FROM_SEQ]

With an API key: LINESCRIBE_KEY=... in the environment.
"""

import asyncio
import json
import os
import sys

import websockets

REFUSED = {1008, 4404}  # to come again would not help


async def main(uri, from_seq="1"):
    next_seq = int(from_seq)
    key = os.environ.get("LINESCRIBE_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else None
    while True:
        try:
            async with websockets.connect(f"{uri}?from_seq={next_seq}", additional_headers=headers) as socket:
                async for text in socket:
                    event = json.loads(text)
                    if event["type"] == "final":
                        print(f"{event['seq']:4} {event['leg']}: {event['text']}", flush=True)
                        next_seq = event["seq"] + 1
                    elif event["type"] == "ended":
                        return
        except (OSError, websockets.ConnectionClosed) as broken:
            if getattr(broken, "rcvd", None) and broken.rcvd.code in REFUSED:
                raise
        await asyncio.sleep(1)


asyncio.run(main(*sys.argv[1:]))
