"""Sends a file and asks for its result until it is there: file-poll.py BASE FILE"""
import sys
import time

import requests

base, path = sys.argv[1:]
with open(path, "rb") as audio:
    task = requests.post(base + "/audio/process", files={"audio": audio}).json()["task_id"]
state = {"status": "submitted"}
while state["status"] != "completed":
    time.sleep(0.5)
    state = requests.get(f"{base}/audio/task/{task}").json()
    if state["status"] in ("failed", "timeout"):
        sys.exit(state["error"])
print(state["result"]["transcription"])
