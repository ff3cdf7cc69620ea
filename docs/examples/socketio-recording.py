"""Records a file by Socket.IO, one chunk per acknowledgement, and prints where it lies: socketio-recording.py BASE FILE TRANSPORT"""
import asyncio
import sys

import socketio

CHUNK_BYTES = 3200


async def main(base, path, transport):
    client = socketio.AsyncClient(reconnection=False)
    answers = asyncio.Queue()
    for event in ("response", "result_file_path", "error"):
        client.on(event, lambda data, event=event: answers.put_nowait((event, data)), "/streaming")
    await client.connect(base, transports=[transport], namespaces=["/streaming"], wait_timeout=120)
    print(await answers.get())
    with open(path, "rb") as audio:
        while chunk := audio.read(CHUNK_BYTES):
            await client.emit("audio_chunk", {"chunk": chunk}, namespace="/streaming")
            event, data = await answers.get()
            if event != "response":
                sys.exit(f"{event}: {data}")
    await client.emit("stop_recording", namespace="/streaming")
    event, data = await answers.get()
    print(event, data["file_url"] if event == "result_file_path" else data)
    await client.disconnect()


asyncio.run(main(*sys.argv[1:]))
