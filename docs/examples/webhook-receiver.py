"""Takes webhooks, each once, and none that is forged or old: webhook-receiver.py PORT (0: a free one); the secret is in WEBHOOK_SECRET"""
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
TOLERANCE_S = 300
REMEMBERED = 100_000
seen = OrderedDict()  # a real receiver keeps the ids where it keeps the events, in one transaction


def is_genuine(headers, body):
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False  # somebody plays an old request again
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    # Several signatures stand side by side while a secret is changed.
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in headers.get("webhook-signature", "").split())


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # the gateway keeps its connections

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not is_genuine(self.headers, body):
            self.answer(401)
            return
        message_id = self.headers["webhook-id"]
        if message_id not in seen:
            event = json.loads(body)
            print(event["type"], event["data"]["session_id"], flush=True)
            seen[message_id] = True
            while len(seen) > REMEMBERED:
                seen.popitem(last=False)
        self.answer(204)  # also to a repetition: the gateway sends nothing of the session before it is answered

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
