"""Stands in for sseclient-py, which neither Debian nor npm carries: the part of its interface that
the document's examples use, SSEClient(response).events(), read as WHATWG's server-sent events say.
"""


class Event:
    def __init__(self):
        self.id = None
        self.event = "message"
        self.data = ""
        self.retry = None


class SSEClient:
    def __init__(self, event_source, char_enc="utf-8"):
        self._source = event_source
        self._char_enc = char_enc

    def _blocks(self):
        held = b""
        for chunk in self._source:
            for line in chunk.splitlines(True):
                held += line
                if held.endswith((b"\r\r", b"\n\n", b"\r\n\r\n")):
                    yield held
                    held = b""
        if held:
            yield held

    def events(self):
        for block in self._blocks():
            event = Event()
            for line in block.decode(self._char_enc).splitlines():
                if not line or line.startswith(":"):
                    continue
                field, _, value = line.partition(":")
                if value.startswith(" "):
                    value = value[1:]
                if field == "data":
                    event.data += value + "\n"
                elif field in ("event", "id", "retry"):
                    setattr(event, field, value)
            if event.data:
                event.data = event.data[:-1]
                yield event

    def close(self):
        self._source.close()
