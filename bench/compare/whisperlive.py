#!/usr/bin/env python3
"""Plays recordings to a server that speaks WhisperLive's protocol, WhisperLive itself or LineScribe, and prints what came of it.

    pip install websockets numpy
    bench/compare/whisperlive.py ws://127.0.0.1:9090 test-calls/speech --texts texts.json --pid PID [--concurrency 3]

Each recording goes out as fast as it was spoken, frames of 100 ms at 16 kHz, with three seconds of silence behind it, and ends when nothing came for a while. A text is that
of the last message; first text counts from the frame with the first speech, the whole text from the frame with the last speech to the
last message that changed it. Words are counted by org.linescribe.bench.asr.TextWords, as those of all others.
"""

import argparse
import asyncio
import json
import os
import pathlib
import sys
import time
import uuid

import numpy
import websockets

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from sherpa_server import processor_seconds, samples  # noqa: E402

FRAME = 1600
SILENCE_S = 3
LOUD = 0.01


def wide(pcm):
    """From 8 to 16 kHz by a half-band filter."""
    taps = numpy.arange(-31, 32)
    kernel = numpy.sinc(taps / 2) * numpy.hamming(len(taps))
    doubled = numpy.zeros(2 * len(pcm), numpy.float32)
    doubled[::2] = pcm
    return numpy.convolve(doubled, kernel, "same").astype(numpy.float32)


def speech(pcm):
    """The first and the last frame that are loud."""
    frames = pcm[: len(pcm) // FRAME * FRAME].reshape(-1, FRAME)
    loud = numpy.nonzero(numpy.sqrt((frames**2).mean(axis=1)) > LOUD)[0]
    return (int(loud[0]), int(loud[-1])) if len(loud) else (0, len(frames) - 1)


class Call:
    def __init__(self):
        self.text, self.first, self.changed, self.refused, self.heard = "", None, None, None, 0

    async def hear(self, socket, ready):
        try:
            async for message in socket:
                self.heard = time.monotonic()
                message = json.loads(message)
                if message.get("status"):
                    self.refused = f"{message['status']}: {message.get('message')}"
                if message.get("message") == "SERVER_READY" or self.refused:
                    ready.set()
                if "segments" not in message:
                    continue
                text = " ".join(segment["text"].strip() for segment in message["segments"]).strip()
                if text and self.first is None:
                    self.first = time.monotonic()
                if text != self.text:
                    self.text, self.changed = text, time.monotonic()
        except websockets.ConnectionClosed:
            pass
        ready.set()

    async def place(self, url, pcm, first, last, patience):
        """Milliseconds to the first text and to the whole one."""
        async with websockets.connect(url, max_size=None) as socket:
            await socket.send(json.dumps({
                "uid": str(uuid.uuid4()), "language": "en", "task": "transcribe", "model": "base", "use_vad": True,
                "send_last_n_segments": 100}))
            ready = asyncio.Event()
            hearing = asyncio.create_task(self.hear(socket, ready))
            await ready.wait()
            if self.refused:
                return None
            begin, sent = time.monotonic(), {}
            for number in range(0, len(pcm) // FRAME):
                await asyncio.sleep(max(0, begin + (number + 1) * 0.1 - time.monotonic()))
                await socket.send(pcm[number * FRAME:(number + 1) * FRAME].tobytes())
                sent[number] = self.heard = time.monotonic()
            # As WhisperLive's own client: it drops what it has not read when it is told of the end.
            while self.heard + patience > time.monotonic() and not hearing.done():
                await asyncio.sleep(0.1)
            await socket.send(b"END_OF_AUDIO")
            try:
                await asyncio.wait_for(hearing, 10)
            except asyncio.TimeoutError:
                pass
        if self.first is None:
            return None
        return 1000 * (self.first - sent[first]), 1000 * (self.changed - sent[last])


def percentiles(values):
    values = sorted(values)
    return ", ".join(f"p{p} {values[min(len(values) - 1, p * len(values) // 100)]:.0f}" for p in (50, 90, 95)) if values else "none"


async def run(arguments):
    files = sorted(pathlib.Path(arguments.folder).glob("*.wav"))
    gate, texts, firsts, wholes, refused = asyncio.Semaphore(arguments.concurrency), {}, [], [], 0
    seconds = 0

    async def one(file):
        nonlocal seconds, refused
        pcm = wide(numpy.array(samples(file), numpy.float32))
        first, last = speech(pcm)
        seconds += len(pcm) / 16000
        pcm = numpy.concatenate([pcm, numpy.zeros(SILENCE_S * 16000 + FRAME, numpy.float32)])
        async with gate:
            call = Call()
            took = await call.place(arguments.url, pcm, first, last, arguments.patience)
        texts[file.name] = call.text
        refused += call.refused is not None
        if took:
            firsts.append(took[0])
            wholes.append(took[1])

    before = processor_seconds(arguments.pid) if arguments.pid else 0
    await asyncio.gather(*(one(file) for file in files))
    pathlib.Path(arguments.texts).write_text(json.dumps(texts, indent=1))
    print(f"load average {os.getloadavg()[0]:.1f}, {len(files)} recordings, {seconds:.0f} s, {arguments.concurrency} at once, {refused} refused")
    print(f"first text {percentiles(firsts)} ms after speech began; whole text {percentiles(wholes)} ms after it ended")
    if arguments.pid:
        used = processor_seconds(arguments.pid) - before
        print(f"processor {used:.1f} s: {used / seconds:.3f} of a core for each second of a call")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("folder")
    parser.add_argument("--texts", required=True)
    parser.add_argument("--pid", type=int)
    parser.add_argument("--concurrency", type=int, default=3)
    parser.add_argument("--patience", type=float, default=15, help="seconds without a message after which a call ends")
    asyncio.run(run(parser.parse_args()))
