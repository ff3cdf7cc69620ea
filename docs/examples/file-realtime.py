"""Sends a file and shows its words as they are recognised: file-realtime.py BASE FILE"""
import json
import sys

import requests
import sseclient

base, path = sys.argv[1:]
with open(path, "rb") as audio:
    answer = requests.post(
        base + "/audio/process-stream-realtime",
        files={"audio": audio},
        data={"language": "sw", "include_translation": "true", "include_insights": "true"},
        stream=True,
    )
so_far = []
for event in sseclient.SSEClient(answer).events():
    state = json.loads(event.data)
    match state.get("step"):
        case "transcription_partial":
            so_far.append(state["partial_result"]["transcript_chunk"])
            print("so far", *so_far)
        case "translation_partial":
            print("translation", state["partial_result"]["cumulative_translation"])
        case "completed":
            print("text", state["result"]["transcription"])
            break
        case "failed":
            sys.exit(state["error"])
