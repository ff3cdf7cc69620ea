// Sends a file and tells each event of its progress; for browsers and Node. Resolves to the result.
async function transcribeFile(base, file, tell) {
  const form = new FormData();
  form.append("audio", file, file.name);
  form.append("language", "sw");
  form.append("include_translation", "true");
  form.append("include_insights", "true");
  const answer = await fetch(`${base}/audio/process-stream`, { method: "POST", body: form });
  const text = new TextDecoder();
  let unread = "";
  for (const reader = answer.body.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the stream ended before the result");
    unread += text.decode(value, { stream: true });
    const events = unread.split("\n\n");
    unread = events.pop();
    for (const event of events) {
      if (!event.startsWith("data: ")) continue;
      const state = JSON.parse(event.slice("data: ".length));
      tell(state);
      if (state.status === "completed") return state.result;
      if (state.status === "failed") throw new Error(state.error);
    }
  }
}
