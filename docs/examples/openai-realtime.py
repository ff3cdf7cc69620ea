#!/usr/bin/env python3
"""A transcription session by the openai package: openai-realtime.py HOST:PORT AUDIO FORMAT manual|server WORDS [SESSION_ID]

AUDIO is raw; FORMAT is audio/pcm (16 bit, 24 kHz), audio/pcmu or audio/pcma. Prints each event as JSON, until that many
words were transcribed.
"""
import asyncio
import base64
import sys

from openai import AsyncOpenAI

server, path, audio_format, turns, words = sys.argv[1:6]
more = {"session_id": sys.argv[6]} if len(sys.argv) > 6 else {}
client = AsyncOpenAI(
    base_url=f"http://{server}/v1", websocket_base_url=f"ws://{server}/v1", api_key="unused-on-loopback"
)


async def main():
    async with client.realtime.connect(extra_query={"intent": "transcription", **more}) as connection:
        format_of_audio = {"type": audio_format, **({"rate": 24000} if audio_format == "audio/pcm" else {})}
        detection = None if turns == "manual" else {"type": "server_vad", "silence_duration_ms": 500}
        await connection.session.update(
            session={
                "type": "transcription",
                "audio": {"input": {"format": format_of_audio, "turn_detection": detection}},
            }
        )
        await connection.input_audio_buffer.clear()  # refused, as audio is transcribed while it comes
        with open(path, "rb") as audio:
            while chunk := audio.read(4800):
                await connection.input_audio_buffer.append(audio=base64.b64encode(chunk).decode())
        await connection.input_audio_buffer.commit()
        heard = 0
        while heard < int(words):
            event = await connection.recv()
            print(event.to_json(indent=None), flush=True)
            if event.type == "conversation.item.input_audio_transcription.completed":
                heard += len(event.transcript.split())


asyncio.run(main())
