#!/usr/bin/env python3
"""Speaks the recorded calls of test-calls/recorded: flite and espeak-ng say them, sox brings them to the telephone's band.

usage: make-recordings.py [FOLDER]        FOLDER: where to write (default: recorded, beside this script)
needs: flite, espeak-ng, sox (apt-get install flite espeak-ng sox), Python 3.9 or newer without any package

Two runs with the same tools write the same bytes: the engines are asked for nothing random, sox dithers nothing, and the
noise comes from a generator written down here. made-with.txt names the tools' versions; other versions may speak otherwise.
exit: 0 made; 2 wrong usage or a tool is missing; 1 a tool failed
"""
import array
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile

RATE = 8000
SPEECH_DBFS = -20.0  # mean level of the spoken parts
LINE_NOISE_DBFS = -66.0  # every line hisses a little: no recording has digital silence
LEAD_S, TAIL_S = 0.5, 1.0


def flite(voice, stretch):
    return ("flite", voice, stretch)


def espeak(voice, words_per_minute):
    return ("espeak-ng", voice, words_per_minute)


# file, voice, signal-to-noise ratio in dB (None: line noise only), then groups of words and the seconds of pause between them.
# What the ending says: .wav 16-bit PCM, -ulaw.wav and -alaw.wav G.711 in WAV (format tags 7 and 6), .ulaw and .alaw headerless G.711.
CALLS = [
    ("pin-slt.wav", flite("slt", 1.15), None, ["four seven one nine"]),
    ("pin-repeated-alaw.wav", flite("awb", 1.15), None, ["zero zero", 0.5, "seven seven"]),
    ("phone-rms-ulaw.wav", flite("rms", 1.1), None, ["zero three zero", 0.6, "nine one eight", 0.6, "two five six four"]),
    ("phone-gb.wav", espeak("en-gb+f2", 120), None, ["zero two zero", 0.5, "seven nine four six", 0.5, "one eight three zero"]),
    ("card-slt.ulaw", flite("slt", 1.1), None,
     ["four one six two", 0.9, "eight zero three five", 0.9, "nine nine one seven", 0.9, "two six four zero"]),
    ("card-us.alaw", espeak("en-us+m3", 120), None,
     ["five two eight one", 1.1, "six three zero four", 1.1, "seven one nine two", 1.1, "eight five three six"]),
    ("long-pauses-ulaw.wav", flite("awb", 1.1), None,
     ["eight two", 3.0, "five one seven", 4.0, "three six", 5.0, "nine four zero"]),
    ("long-pauses-alaw.wav", espeak("en-us+f3", 115), None,
     ["one six four", 5.0, "two two", 3.0, "seven eight three five"]),
    ("phone-noise-20db.wav", flite("rms", 1.1), 20.0, ["six one seven", 0.6, "five eight three", 0.6, "two nine four zero"]),
    ("phone-noise-12db-ulaw.wav", flite("slt", 1.15), 12.0, ["two one two", 0.6, "eight six five", 0.6, "three seven nine four"]),
    ("pin-noise-12db-alaw.wav", espeak("en-gb+m1", 115), 12.0, ["three eight", 0.4, "one five"]),
    ("account-noise-20db.alaw", espeak("en-gb-scotland+f1", 115), 20.0,
     ["nine zero four", 0.7, "one one six", 3.5, "seven three eight five"]),
]


class Noise:
    """A 64-bit linear congruential generator (Knuth's MMIX constants): the same everywhere, whatever Python's own does."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        return (self.state >> 11) / float(1 << 52) - 1.0

    def background(self, samples):
        """Background noise: white, and four times as strong at low frequencies."""
        low, out = 0.0, []
        for _ in range(samples):
            white = self.uniform()
            low = 0.95 * low + 0.05 * white
            out.append(white + 16.0 * low)
        return out


def rms(samples):
    return math.sqrt(sum(s * s for s in samples) / len(samples))


def amplitude(dbfs):
    return 10.0 ** (dbfs / 20.0)


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"make-recordings.py: {command[0]} failed ({done.returncode}): {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def say(voice, text, folder):
    """The text as floats at 8 kHz, its silent ends cut off, at the mean level of SPEECH_DBFS."""
    spoken = os.path.join(folder, "spoken.wav")
    engine, name, tempo = voice
    if engine == "flite":
        run(["flite", "-voice", name, "--setf", f"duration_stretch={tempo}", "-t", text, "-o", spoken])
    else:
        run(["espeak-ng", "-v", name, "-s", str(tempo), "-w", spoken, text])
    raw = run(["sox", "-R", "-D", spoken, "-t", "raw", "-e", "signed", "-b", "16", "-L", "-c", "1", "-",
               "gain", "-6", "rate", "-h", str(RATE), "highpass", "200"])
    samples = array.array("h", raw)
    if sys.byteorder == "big":
        samples.byteswap()
    floats = [s / 32768.0 for s in samples]
    loud = [i for i, s in enumerate(floats) if abs(s) > 0.004]
    floats = floats[max(0, loud[0] - 240):loud[-1] + 480]
    gain = amplitude(SPEECH_DBFS) / rms(floats)
    return [s * gain for s in floats]


def call(number, voice, snr_db, parts, folder):
    samples = [0.0] * int(LEAD_S * RATE)
    for part in parts:
        samples += say(voice, part, folder) if isinstance(part, str) else [0.0] * int(part * RATE)
    samples += [0.0] * int(TAIL_S * RATE)
    samples += [0.0] * (-len(samples) % 160)
    noise = Noise(number)
    level = amplitude(LINE_NOISE_DBFS if snr_db is None else SPEECH_DBFS - snr_db)
    hiss = [noise.uniform() for _ in samples] if snr_db is None else noise.background(len(samples))
    gain = level / rms(hiss)
    return [max(-32767, min(32767, round((s + h * gain) * 32768.0))) for s, h in zip(samples, hiss)]


# The segment form of ITU-T G.711: sign, exponent, mantissa. Written out, because Python dropped its audioop module.
def ulaw(sample):
    sign = 0x80 if sample < 0 else 0
    magnitude = min(((sample if sample >= 0 else ~sample) >> 2) + 33, 0x1FFF)
    exponent = magnitude.bit_length() - 6
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 1)) & 0x0F) & 0xFF


def alaw(sample):
    sign = 0x80 if sample >= 0 else 0
    magnitude = sample if sample >= 0 else ~sample
    exponent = max(0, magnitude.bit_length() - 8)
    return (sign | exponent << 4 | (magnitude >> (max(exponent, 1) + 3)) & 0x0F) ^ 0x55


def wav(tag, bits, data):
    extra = b"" if tag == 1 else struct.pack("<H", 0)
    block = bits // 8
    form = struct.pack("<HHIIHH", tag, 1, RATE, RATE * block, block, bits) + extra
    fact = b"" if tag == 1 else struct.pack("<4sII", b"fact", 4, len(data) // block)
    body = b"WAVE" + struct.pack("<4sI", b"fmt ", len(form)) + form + fact + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def stored(name, samples):
    if name.endswith("-ulaw.wav"):
        return wav(7, 8, bytes(map(ulaw, samples)))
    if name.endswith("-alaw.wav"):
        return wav(6, 8, bytes(map(alaw, samples)))
    if name.endswith(".ulaw"):
        return bytes(map(ulaw, samples))
    if name.endswith(".alaw"):
        return bytes(map(alaw, samples))
    return wav(1, 16, struct.pack(f"<{len(samples)}h", *samples))


def version(command, word):
    # not run(): flite says its version and exits with 1
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode(errors="replace")
    return next((line.split("Data at")[0].strip() for line in said.splitlines() if word in line), "unknown")


def main(arguments):
    if len(arguments) > 1 or any(a.startswith("-") for a in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    missing = [tool for tool in ("flite", "espeak-ng", "sox") if shutil.which(tool) is None]
    if missing:
        print(f"make-recordings.py: not found: {' '.join(missing)}: apt-get install {' '.join(missing)}", file=sys.stderr)
        return 2
    target = arguments[0] if arguments else os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded")
    os.makedirs(target, exist_ok=True)
    manifest = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, voice, snr_db, parts) in enumerate(CALLS, start=1):
            samples = call(number, voice, snr_db, parts, folder)
            with open(os.path.join(target, name), "wb") as out:
                out.write(stored(name, samples))
            entry = {
                "file": name,
                "speaker": f"{voice[0]} {voice[1]}",
                "seen_in_training": True,
                "words": " ".join(p for p in parts if isinstance(p, str)).upper(),
                "seconds": round(len(samples) / RATE, 2),
            }
            if snr_db is not None:
                entry["snr_db"] = snr_db
            manifest.append(entry)
    with open(os.path.join(target, "manifest.json"), "w", encoding="utf-8") as out:
        out.write(json.dumps(manifest, indent=1) + "\n")
    with open(os.path.join(target, "made-with.txt"), "w", encoding="utf-8") as out:
        out.write(version(["flite", "--version"], "version:") + "\n")
        out.write(version(["espeak-ng", "--version"], "eSpeak") + "\n")
        out.write("sox " + version(["sox", "--version"], "SoX").split()[-1] + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
