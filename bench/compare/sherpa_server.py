#!/usr/bin/env python3
"""Sends recordings to sherpa-onnx's own offline WebSocket server and prints what they cost it.

    pip install sherpa-onnx sherpa-onnx-bin websockets
    bench/compare/sherpa_server.py asr/src/main/resources/models/moonshine-tiny-en test-calls/speech [--texts texts.json]

The server (sherpa-onnx-offline-websocket-server, one decode thread) gets each recording whole, cut every 20 s because the model is
meant for that, and answers with its text. Audio is not sent in real time: the figure is the processor time of the server alone.
"""

import argparse
import array
import asyncio
import json
import os
import pathlib
import socket
import struct
import subprocess
import time

import websockets

RATE = 8000
SECONDS = 20
ULAW = [0] * 256
for code in range(256):
    value = ~code & 0xFF
    magnitude = (((value & 0x0F) << 3) + 0x84 << ((value & 0x70) >> 4)) - 0x84
    ULAW[code] = (-magnitude if value & 0x80 else magnitude) / 32768


def samples(path):
    """The samples of a WAV in mu-law or PCM 16, 8 kHz mono."""
    data = path.read_bytes()
    at, law = 12, 7
    while at < len(data):
        name, size = data[at:at + 4], struct.unpack("<I", data[at + 4:at + 8])[0]
        if name == b"fmt ":
            law = struct.unpack("<H", data[at + 8:at + 10])[0]
        if name == b"data":
            body = data[at + 8:at + 8 + size]
            return [ULAW[c] for c in body] if law == 7 else [s / 32768 for s in array.array("h", body)]
        at += 8 + size + (size & 1)
    raise ValueError(f"{path}: no data")


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def text_of(url, piece):
    async with websockets.connect(url, max_size=None) as server:
        body = array.array("f", piece).tobytes()
        await server.send(struct.pack("<ii", RATE, len(body)) + body)
        answer = await server.recv()
        await server.send("Done")
    try:
        return json.loads(answer)["text"]
    except (ValueError, KeyError, TypeError):
        return answer


async def run(arguments):
    model = arguments.model
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["sherpa-onnx-offline-websocket-server", f"--port={port}", "--num-work-threads=1", "--num-threads=1", "--max-batch-size=1", f"--log-file={os.devnull}",
         f"--moonshine-encoder={model}/encoder_model.ort", f"--moonshine-merged-decoder={model}/decoder_model_merged.ort",
         f"--tokens={model}/tokens.txt"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"ws://127.0.0.1:{port}"
        for _ in range(300):
            try:
                await text_of(url, [0.0] * RATE)
                break
            except OSError:
                time.sleep(0.2)
        before, seconds, texts, waits = processor_seconds(server.pid), 0.0, {}, []
        for path in sorted(pathlib.Path(arguments.folder).glob("*.wav")):
            audio = samples(path)
            seconds += len(audio) / RATE
            pieces = []
            for i in range(0, len(audio), SECONDS * RATE):
                sent = time.monotonic()
                pieces.append(await text_of(url, audio[i:i + SECONDS * RATE]))
                waits.append(time.monotonic() - sent)
            texts[path.name] = " ".join(pieces)
        spent = processor_seconds(server.pid) - before
    finally:
        server.terminate()
        server.wait()
    if arguments.texts:
        pathlib.Path(arguments.texts).write_text(json.dumps(texts, indent=1, ensure_ascii=False))
    waits.sort()
    print(f"answers        p50 {1000 * waits[len(waits) // 2]:.0f}, p90 {1000 * waits[len(waits) * 9 // 10]:.0f} ms after a whole piece was sent")
    print(f"{len(texts)} recordings, {seconds:.0f} s: {spent:.1f} s of processor, {spent / seconds:.4f} of a core for each second of audio, {spent / len(texts):.2f} s a recording")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("folder")
    parser.add_argument("--texts")
    asyncio.run(run(parser.parse_args()))
