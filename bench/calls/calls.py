#!/usr/bin/env python3
"""Calls by programs that are no part of LineScribe, to a gateway of its own: set-up times, words, what a call costs.

    bench/calls/calls.py setup  [--rate 75] [--seconds 20]      so many calls a second by SIPp, each of 1 s with audio
    bench/calls/calls.py hold   [--calls 25,250] [--seconds 60] so many calls at once by SIPp, transcribed by the digits model
    bench/calls/calls.py soak   [--calls 100] [--minutes 120]   calls of a minute that follow each other: the memory, words
    bench/calls/calls.py secure [--calls 20] [--seconds 30]     baresip's calls, plain, by TLS with SDES, and by DTLS-SRTP

Each starts `./linescribe serve` on free ports with an empty data folder and the model of digits, and stops it. LINESCRIBE names
another program. It needs sipp (Debian: sip-tester), for `secure` baresip (baresip-core) and openssl, and Linux's /proc. Exit
status: 0, or 1 where a call failed.

Set-up is from the INVITE to the 200, as SIPp measures it. Words are those that GET /sessions/{id}/segments returns when the calls
have ended. Processor time is the gateway's, of one core, from /proc; callers run on the same machine unless you move them.
"""
import argparse
import contextlib
import glob
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.append(os.path.join(ROOT, "bench"))
from word_errors import word_errors

KIT = os.path.join(ROOT, "test-calls/sip-kit/bin")
HUMAN = os.path.join(ROOT, "test-calls/human")
TICKS = os.sysconf("SC_CLK_TCK")
RATE_HZ = 8000


def seconds_of(pid):
    """Processor time so far."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_of(pid):
    """Resident MiB."""
    return int(re.search(r"^VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read(), re.M)[1]) / 1024


class Gateway:
    """`linescribe serve`, ready."""

    def __init__(self, work, *more):
        program = os.environ.get("LINESCRIBE", os.path.join(ROOT, "linescribe")).split()
        command = [*program, "serve", "--data", f"{work}/data", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--rtp-ports", "0",
                   "--model", "telephony-digits-en", *more]
        self.log = f"{work}/gateway.log"
        self.process = subprocess.Popen(command, stdout=open(self.log, "w"), stderr=subprocess.STDOUT)
        while not (ready := re.search(r"^ready .*$", open(self.log).read(), re.M)):
            if self.process.poll() is not None:
                raise SystemExit(open(self.log).read())
            time.sleep(0.2)
        self.at = dict(field.split("=", 1) for field in ready.group().split()[1:] if "=" in field)

    def seconds(self):
        return seconds_of(self.process.pid)

    def memory(self):
        return memory_of(self.process.pid)

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.at['http']}{path}") as answer:
            return answer.read().decode()

    def json(self, path):
        return json.loads(self.get(path))

    def open_calls(self):
        return self.json("/health")["open_sources"]

    def sum_of(self, metric):
        return sum(float(line.rsplit(" ", 1)[1]) for line in self.get("/metrics").splitlines()
                   if line.startswith(metric) and line[len(metric)] in "{ ")

    def stop(self):
        self.process.terminate()
        self.process.wait()


@contextlib.contextmanager
def gateway(*more):
    with tempfile.TemporaryDirectory() as work:
        serving = Gateway(work, *more)
        try:
            yield serving, work
        finally:
            serving.stop()


def recordings():
    with open(f"{HUMAN}/manifest.json") as file:
        return json.load(file)


def pcm(entry):
    with wave.open(f"{HUMAN}/{entry['file']}") as file:
        return file.readframes(file.getnframes())


def spoken(seconds):
    """People's digits, a second of silence after each recording, of at least that length, and their words."""
    audio, words = b"", []
    while len(audio) < 2 * RATE_HZ * seconds:
        for entry in recordings():
            if len(audio) >= 2 * RATE_HZ * seconds:
                break
            audio += pcm(entry) + bytes(2 * RATE_HZ)
            words += entry["words"].lower().split()
    return audio, words


def write_recording(work, name, audio):
    """Where call.sh finds it."""
    os.makedirs(f"{work}/audio", exist_ok=True)
    path = f"{work}/audio/{name}.wav"
    with wave.open(path, "w") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(audio)
    for law in ("ulaw", "alaw"):
        with open(f"{work}/audio/{name}.{law}", "wb") as file:
            file.write(bytes((encode_ulaw if law == "ulaw" else encode_alaw)(
                int.from_bytes(audio[i:i + 2], "little", signed=True)) for i in range(0, len(audio), 2)))
    return path


def encode_ulaw(sample):
    """ITU-T G.711."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> (exponent + 3) & 0x0F) & 0xFF


def encode_alaw(sample):
    """ITU-T G.711."""
    sign, magnitude = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    magnitude = min(magnitude, 32767) >> 4
    exponent = max(0, magnitude.bit_length() - 4)
    mantissa = magnitude >> max(0, exponent - 1) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def sipp(gateway, work, recording, calls, pause_ms, *options, most=None):
    """Runs uac_load_stream, with at most so many calls at once; returns its status, and set-up times in ms."""
    limit_s = 600 + calls / (most or calls) * pause_ms / 1000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "SIPKIT_WORK": work, "CALLS": str(calls), "PAUSE_MS": str(pause_ms), "LIMIT_S": str(round(limit_s)),
                   "SIP_PORT": str(port), "MEDIA_PORT": str(2 * random.randrange(5_000, 16_000))}
    run = subprocess.run([f"{KIT}/call.sh", "uac_load_stream", gateway.at["sip"], recording, "--", "-l", str(most or calls),
                          "-trace_rtt", "-rtt_freq", "1", "-watchdog_interval", "0", *options],
                         env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode:
        print(run.stdout[-2000:])
    times = []
    for path in glob.glob(f"{work}/call.*/*_rtt.csv"):
        with open(path) as file:
            times += [float(line.split(";")[1]) for line in file.readlines()[1:]]
        os.remove(path)
    return run.returncode, times


def load_average():
    return open("/proc/loadavg").read().split()[0]


def tell_setup(times, calls):
    print(f"set up       {len(times)} of {calls} calls; INVITE to 200: p50 {percentile(times, .5):.0f}, p95 {percentile(times, .95):.0f}, "
          f"p99 {percentile(times, .99):.0f}, most {max(times):.0f} ms" if times else f"set up       none of {calls} calls")


def setup(options):
    rate, calls = options.rate, options.rate * options.seconds
    with gateway() as (serving, work):
        # What is measured is a gateway that has served before.
        sipp(serving, work, "speech", 2 * rate, 1000, "-r", str(rate))
        before = serving.seconds()
        began = time.time()
        status, times = sipp(serving, work, "speech", calls, 1000, "-r", str(rate))
        took = time.time() - began
        print(f"asked for    {calls} calls, {rate} a second, of 1 s; load average {load_average()}")
        tell_setup(times, calls)
        print(f"processor    {(serving.seconds() - before) / took * 100:.0f} % of a core")
        return status


def sessions(serving):
    page = serving.json("/sessions?limit=1000")
    yield from page["sessions"]
    while page.get("next_before") and page["sessions"]:
        page = serving.json(f"/sessions?limit=1000&before={page['next_before']}")
        yield from page["sessions"]


def hold(options):
    """Each number of calls in turn, at the same gateway."""
    audio, words = spoken(options.seconds)
    failed = False
    with gateway() as (serving, work):
        write_recording(work, "digits", audio)
        at_rest = serving.memory()
        # What is measured is a gateway that has served before.
        sipp(serving, work, "digits", 25, 20_000, "-r", "5")
        print(f"at rest      {at_rest:.0f} MiB before the first call, {serving.memory():.0f} after the first 25")
        told = set(session["session_id"] for session in sessions(serving))
        for calls in options.calls:
            failed |= hold_at_once(serving, work, calls, len(audio) / 2 / RATE_HZ, words, told, at_rest)
    return failed


def hold_at_once(serving, work, calls, seconds, words, told, at_rest):
    # Calls begin over 10 s; all are on for the rest.
    rate = max(1, calls // 10)
    before = [serving.sum_of(f"linescribe_rtp_{what}_total") for what in ("packets", "lost", "late")]
    pending = subprocess.Popen([sys.executable, __file__, "watch", serving.at["http"], str(serving.process.pid), str(calls), str(at_rest)],
                               stdout=subprocess.PIPE, text=True)
    status, times = sipp(serving, work, "digits", calls, round(seconds * 1000), "-r", str(rate))
    if status:
        pending.terminate()
    watched = pending.communicate()[0].strip()
    while serving.open_calls():
        time.sleep(0.5)
    said = wrong = heard_in = 0
    for session in sessions(serving):
        if session["session_id"] in told:
            continue
        told.add(session["session_id"])
        segments = serving.json(f"/sessions/{session['session_id']}/segments?limit=1000")["segments"]
        heard = " ".join(segment["text"] for segment in segments).lower().split()
        said += len(words)
        wrong += word_errors(words, heard)
        heard_in += 1
    packets = [serving.sum_of(f"linescribe_rtp_{what}_total") - past for what, past in zip(("packets", "lost", "late"), before)]
    print(f"asked for    {calls} calls of {seconds:.0f} s, {rate} begin in a second; load average {load_average()}")
    tell_setup(times, calls)
    print(f"words        {said} said in {heard_in} sessions, {wrong} wrong: {100 * wrong / max(1, said):.1f} %")
    print("packets      {:.0f} received, {:.0f} lost, {:.0f} late".format(*packets))
    print(f"all were on  {watched}", flush=True)
    return bool(status) or heard_in < calls


def soak(options):
    """Calls that follow each other; the memory of each tenth of the time."""
    audio, words = spoken(60)
    seconds = len(audio) / 2 / RATE_HZ
    with gateway() as (serving, work):
        write_recording(work, "digits", audio)
        total = round(options.calls * options.minutes * 60 / seconds)
        callers = subprocess.Popen([sys.executable, __file__, "call", serving.at["sip"], work, str(total), str(options.calls), str(seconds)])
        samples = []
        most = 0
        before = serving.seconds(), time.time()
        while callers.poll() is None:
            time.sleep(5)
            samples.append(serving.memory())
            most = max(most, serving.open_calls())
            if len(samples) % 120 == 0:
                print(f"{len(samples) // 12} min: {serving.memory():.0f} MiB, {serving.open_calls()} calls", flush=True)
        share = (serving.seconds() - before[0]) / (time.time() - before[1]) * 100
        tenths = [samples[i * len(samples) // 10:(i + 1) * len(samples) // 10] for i in range(10)]
        said = wrong = heard_in = 0
        for session in sessions(serving):
            segments = serving.json(f"/sessions/{session['session_id']}/segments?limit=1000")["segments"]
            said += len(words)
            wrong += word_errors(words, " ".join(segment["text"] for segment in segments).lower().split())
            heard_in += 1
        print(f"asked for    {total} calls of {seconds:.0f} s, {options.calls} at once; {most} were on at most; load average {load_average()}")
        print(f"words        {said} said in {heard_in} sessions, {wrong} wrong: {100 * wrong / max(1, said):.1f} %")
        print(f"processor    {share:.0f} % of a core")
        print("memory       " + ", ".join(f"{sum(tenth) / len(tenth):.0f}" for tenth in tenths) + " MiB, each tenth's average", flush=True)
        return callers.returncode


def call(options):
    """SIPp's calls, in a process that soak can look beside."""
    serving = argparse.Namespace(at={"sip": options.sip})
    return sipp(serving, options.work, "digits", options.calls, round(options.seconds * 1000), "-r", str(max(1, round(options.most / options.seconds))),
                most=options.most)[0]


def watch(options):
    """Tells what the gateway takes while all calls are on."""
    began = None
    most = 0
    while True:
        try:
            with urllib.request.urlopen(f"http://{options.http}/health") as answer:
                count = json.load(answer)["open_sources"]
        except OSError:
            break
        most = max(most, count)
        now = time.time(), seconds_of(options.pid)
        if count == options.calls:
            began = began or now
            last = now
            memory = memory_of(options.pid)
        elif began or (most and not count):
            break
        time.sleep(0.5)
    if began and last[0] > began[0]:
        share = (last[1] - began[1]) / (last[0] - began[0]) * 100
        print(f"{last[0] - began[0]:.0f} s: {share:.0f} % of a core, {share / options.calls:.2f} % a call; "
              f"{memory:.0f} MiB, {(memory - options.rest) / options.calls:.2f} a call beyond those at rest")
    else:
        print(f"never; at most {most}")


def baresip(work, number, to, seconds, wav, **more):
    """A baresip that calls; its ports are its own."""
    base = 10_000 + 40 * number
    environment = {**os.environ, "SIPKIT_WORK": work, "RTP": f"{base + 10}-{base + 29}", "CTRL": str(base + 4), "HTTP": str(base + 6), **more}
    folder = subprocess.run([f"{KIT}/baresip_peer.sh", f"caller{number}", str(base), wav], env=environment, check=True,
                            stdout=subprocess.PIPE, text=True).stdout.split()[-1]
    # It hangs up by itself.
    return subprocess.Popen(["baresip", "-f", folder, "-s", "-t", str(seconds), "-e", f"/dial {to}"], stdin=subprocess.DEVNULL,
                            stdout=open(f"{folder}/log", "w"), stderr=subprocess.STDOUT)


def secure(options):
    calls, seconds = options.calls, options.seconds
    audio, _ = spoken(20)
    costs, failed = {}, False
    with tempfile.TemporaryDirectory() as keys:
        environment = {**os.environ, "SIPKIT_WORK": keys}
        tls = subprocess.run([f"{KIT}/tls_keys.sh"], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        more = [part for setting in ("linescribe.sip.tls.bind=127.0.0.1:0", f"linescribe.sip.tls.certificate={tls}/cert.pem",
                                     f"linescribe.sip.tls.key={tls}/key.pem") for part in ("--set", setting)]
        with gateway(*more) as (serving, work):
            # One recording for as long as a call is.
            long = audio * (1 + (seconds + 60) * RATE_HZ * 2 // len(audio))
            wav = write_wav(f"{work}/long.wav", long)
            plain = f"sip:x@{serving.at['sip']}"
            by_tls = f"sip:x@{serving.at['tls']};transport=tls"
            kinds = [("plain", plain, {}), ("TLS and SDES", by_tls, {"ENC": "srtp-mand", "TLS": "1"}), ("DTLS-SRTP", plain, {"ENC": "dtls_srtp"})]
            print(f"{calls} calls at once of baresip, PCMU, for {seconds} s in each round; load average {load_average()}")
            # The first round is the JVM's, which still compiles.
            for round_ in range(options.rounds + 1):
                for kind, to, ways in kinds:
                    cost = cost_of(serving, keys, calls, seconds, wav, to, ways)
                    failed |= cost is None
                    if round_ and cost is not None:
                        costs.setdefault(kind, []).append(cost)
                        print(f"round {round_}: {kind:12} {cost:.2f} % of a core for a call")
            least = {kind: min(values) for kind, values in costs.items()}
            for kind, value in least.items():
                print(f"{kind:12} {value:.2f} % of a core for a call, {value / least['plain']:.2f} of a plain one's")
    return failed


def write_wav(path, audio):
    with wave.open(path, "w") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(audio)
    return path


def cost_of(serving, work, calls, seconds, wav, to, ways):
    """Of a core, for each call, in percent, while all are on; None where not all were."""
    callers = [baresip(work, number, to, seconds + 60, wav, **ways) for number in range(calls)]
    try:
        began = time.time()
        while serving.open_calls() < calls and time.time() - began < 60:
            time.sleep(0.2)
        # Their beginning is not what is measured.
        time.sleep(3)
        before, began = serving.seconds(), time.time()
        time.sleep(seconds)
        share = (serving.seconds() - before) / (time.time() - began) * 100
        are_on = serving.open_calls() == calls
    finally:
        for caller in callers:
            caller.terminate()
        for caller in callers:
            caller.wait()
    while serving.open_calls():
        time.sleep(0.2)
    if not are_on:
        print(f"{to}: not all calls were on; see the logs of baresip")
    return share / calls if are_on else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    one = kinds.add_parser("setup")
    one.add_argument("--rate", type=int, default=75)
    one.add_argument("--seconds", type=int, default=20)
    one.set_defaults(run=setup)
    one = kinds.add_parser("hold")
    one.add_argument("--calls", type=lambda list_: [int(calls) for calls in list_.split(",")], default=[250])
    one.add_argument("--seconds", type=int, default=60)
    one.set_defaults(run=hold)
    one = kinds.add_parser("secure")
    one.add_argument("--calls", type=int, default=20)
    one.add_argument("--seconds", type=int, default=30)
    one.add_argument("--rounds", type=int, default=2)
    one.set_defaults(run=secure)
    one = kinds.add_parser("soak")
    one.add_argument("--calls", type=int, default=100)
    one.add_argument("--minutes", type=int, default=120)
    one.set_defaults(run=soak)
    one = kinds.add_parser("call")
    one.add_argument("sip")
    one.add_argument("work")
    one.add_argument("calls", type=int)
    one.add_argument("most", type=int)
    one.add_argument("seconds", type=float)
    one.set_defaults(run=call)
    one = kinds.add_parser("watch")
    one.add_argument("http")
    one.add_argument("pid", type=int)
    one.add_argument("calls", type=int)
    one.add_argument("rest", type=float)
    one.set_defaults(run=watch)
    options = parser.parse_args()
    sys.exit(int(bool(options.run(options))))


if __name__ == "__main__":
    main()
