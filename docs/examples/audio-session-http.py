"""Shows or closes an audio session: audio-session-http.py BASE show|close SESSION_ID"""
import sys

import requests

base, action, session_id = sys.argv[1:]
session = f"{base}/api/audio/sessions/{session_id}"
answer = requests.post(session + "/close") if action == "close" else requests.get(session)
if answer.status_code == 404:
    print("not found", session_id)
elif action == "close":
    print("closed", answer.json()["success"])
else:
    for field in ("status", "total_chunks", "duration_seconds", "file_path"):
        print(field, answer.json()[field])
