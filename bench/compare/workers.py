#!/usr/bin/env python3
"""What worker processes cost: the same load on a gateway of its own for each setting, in turn.

    bench/compare/workers.py MODEL RECORDINGS CALLS [PROGRAM...]

PROGRAM starts LineScribe (default: ./linescribe). Processor time and memory are those of the gateway and its
children, from /proc (Linux), over the calls and what they need to end; memory is the proportional set size.
"""
import json
import os
import subprocess
import sys
import tempfile

SETTINGS = ["in-process", "1", "2", "in-process", "1", "2"]
TICKS = os.sysconf("SC_CLK_TCK")


def family(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        children = file.read().split()
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children") as file:
                children += file.read().split()
        except FileNotFoundError:
            pass
    return [pid] + sorted({int(child) for child in children})


def seconds(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def mebibytes(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total / 1024


def measure(workers, model, recordings, calls, program):
    with tempfile.TemporaryDirectory() as data:
        gateway = subprocess.Popen(
            program
            + ["serve", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--rtp-ports", "0", "--data", data]
            + ["--model", model, "--set", f"linescribe.asr.workers={workers}"],
            stdout=subprocess.PIPE, text=True)
        try:
            for line in gateway.stdout:
                if line.startswith("ready "):
                    break
            address = dict(word.split("=", 1) for word in line.split()[1:])
            report = os.path.join(data, "load.json")
            load = ["load", recordings, "--to", "sip:" + address["sip"], "--http", address["http"], "--json", report]

            def place(number, hold):
                subprocess.run(program + load + ["--calls", str(number), "--ramp", "5s", "--hold", hold],
                               stdout=subprocess.DEVNULL)

            place(calls, "20s")  # What it compiles at first is not what a call costs.
            pids = family(gateway.pid)
            before = seconds(pids)
            place(calls, "30s")
            used = seconds(pids) - before
            with open(report) as file:
                return used, mebibytes(pids), len(pids) - 1, json.load(file)
        finally:
            gateway.terminate()
            gateway.stdout.read()
            gateway.wait()


def main():
    model, recordings, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    program = sys.argv[4:] or ["./linescribe"]
    for workers in SETTINGS:
        used, memory, children, report = measure(workers, model, recordings, calls, program)
        print(f"workers {workers}: {children} children, {used:.1f} s of processor, {memory:.0f} MiB,"
              f" load average {os.getloadavg()[0]:.1f}; {json.dumps(report['stages'][0])}", flush=True)


main()
