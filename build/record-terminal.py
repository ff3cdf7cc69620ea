#!/usr/bin/env python3
"""Runs a command in a terminal and draws what appears there as an animated SVG.

    build/record-terminal.py --skip " INFO " --until "first text" --longest-pause 2 docs/demo.svg ./linescribe demo --exit

Only what the command prints is shown, at the times at which it came; --until TEXT stops at the first line that begins with TEXT,
--skip REGEX leaves out matching lines, --longest-pause SECONDS shortens the time in which nothing appears. Browsers that reduce motion
show the last picture.
"""

import argparse
import codecs
import html
import os
import pty
import re
import struct
import sys
import termios
import time
from fcntl import ioctl

COLUMNS, LINE_HEIGHT, CHARACTER_WIDTH, MARGIN = 118, 20, 8.4, 16
HOLD_SECONDS = 5


def record(command):
    """The command's output as (seconds, text) pieces."""
    pieces, decoder = [], codecs.getincrementaldecoder("utf-8")("replace")
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    started = time.monotonic()
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says so at the end of the child
            break
        if not data:
            break
        text = decoder.decode(data)
        sys.stdout.write(text)
        sys.stdout.flush()
        pieces.append((time.monotonic() - started, text))
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"{command[0]} failed: {os.waitstatus_to_exitcode(status)}")
    return pieces


def revisions(pieces):
    """Each state of each line as (line number, seconds, text): what a terminal shows after each piece."""
    lines, column, states = [""], 0, []
    for seconds, text in pieces:
        changed = set()
        for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r\n|\r|\n|[^\x1b\r\n]+", text):
            if token in ("\n", "\r\n"):
                lines.append("")
                column = 0
            elif token == "\r":
                column = 0
            elif token in ("\x1b[K", "\x1b[0K"):
                lines[-1] = lines[-1][:column]
                changed.add(len(lines) - 1)
            elif token == "\x1b[2K":
                lines[-1] = ""
                changed.add(len(lines) - 1)
            elif not token.startswith("\x1b"):
                lines[-1] = lines[-1][:column].ljust(column) + token + lines[-1][column + len(token) :]
                column += len(token)
                changed.add(len(lines) - 1)
        states += [(number, seconds, lines[number].rstrip()) for number in sorted(changed)]
    return states


def shown(states, until, skip):
    """Rows of the picture: for each its states, renumbered from 0, until the line that begins with a text."""
    rows = {}
    for number, seconds, text in states:
        rows.setdefault(number, []).append((seconds, text))
    kept = []
    for number in sorted(rows):
        last = rows[number][-1][1]
        if until and last.startswith(until):
            break
        if not (skip and re.search(skip, last)):
            kept.append(rows[number])
    while kept and not kept[-1][-1][1]:
        kept.pop()
    return kept


def without_long_pauses(rows, longest):
    """The same rows, with no time between two changes longer than that."""
    times, moved, shift = sorted({seconds for states in rows for seconds, _ in states}), {}, 0.0
    for before, seconds in zip([times[0], *times], times):
        shift += max(0.0, seconds - before - longest)
        moved[seconds] = seconds - shift
    return [[(moved[seconds], text) for seconds, text in states] for states in rows]


def draw(rows, prompt):
    begin = rows[0][0][0]
    length = max(states[-1][0] for states in rows) - begin + 1 + HOLD_SECONDS
    width = max(60, *(len(text) for states in rows for _, text in states)) * CHARACTER_WIDTH + 2 * MARGIN
    height = (len(rows) + 1) * LINE_HEIGHT + 2 * MARGIN + 24
    style, body = [], []

    def text(row, content, rule=""):
        y = 24 + MARGIN + (row + 0.75) * LINE_HEIGHT
        body.append(f'<text x="{MARGIN}" y="{y:g}"{rule}>{html.escape(content)}</text>')

    text(0, "$ " + prompt)
    for row, states in enumerate(rows, 1):
        for index, (seconds, content) in enumerate(states):
            if not content:
                continue
            start = (seconds - begin + 1) / length * 100
            last = index == len(states) - 1
            end = 100 if last else (states[index + 1][0] - begin + 1) / length * 100
            name = f"l{row}_{index}"
            steps = f"0%{{opacity:0}}{start:.2f}%{{opacity:1}}" + ("" if last else f"{end:.2f}%{{opacity:0}}") + f"to{{opacity:{int(last)}}}"
            style.append(f"@keyframes {name}{{{steps}}}.{name}{{animation-name:{name}{'' if last else ';opacity:0'}}}")
            text(row, content, f' class="t {name}"')
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img">
<title>{html.escape(prompt)}</title>
<style>
text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d8dee9;white-space:pre}}
.t{{animation-duration:{length:.1f}s;animation-iteration-count:infinite;animation-timing-function:step-end}}
{chr(10).join(style)}
@media (prefers-reduced-motion:reduce){{.t{{animation:none}}}}
</style>
<rect width="100%" height="100%" rx="8" fill="#1f2430"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
{chr(10).join(body)}
</svg>
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--until", help="stop before the first line that begins so")
    parser.add_argument("--skip", help="leave out lines that match")
    parser.add_argument("--longest-pause", type=float, default=float("inf"), metavar="SECONDS")
    parser.add_argument("svg")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    rows = shown(revisions(record(options.command)), options.until, options.skip)
    rows = without_long_pauses(rows, options.longest_pause)
    with open(options.svg, "w", encoding="utf-8") as file:
        file.write(draw(rows, " ".join(options.command)))


if __name__ == "__main__":
    main()
