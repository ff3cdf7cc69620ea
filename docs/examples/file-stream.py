"""Sends a file and follows its progress: file-stream.py BASE FILE"""
import json
import sys

import requests
import sseclient

base, path = sys.argv[1:]
with open(path, "rb") as audio:
    answer = requests.post(
        base + "/audio/process-stream",
        files={"audio": audio},
        data={"language": "sw", "include_translation": "true", "include_insights": "true"},
        stream=True,
    )
for event in sseclient.SSEClient(answer).events():
    state = json.loads(event.data)
    print("status", state.get("status"))
    if "progress" in state:
        print("progress", state["progress"], state.get("step"))
    if state.get("status") == "completed":
        print("text", state["result"]["transcription"])
        break
    if state.get("status") == "failed":
        sys.exit(state["error"])
