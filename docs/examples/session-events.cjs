// Reads a session by server-sent events until it ends: node session-events.cjs URI
const { EventSource } = require("eventsource");

const events = new EventSource(process.argv[2]);
events.onmessage = ({ lastEventId, data }) => {
  const event = JSON.parse(data);
  console.log(event.type, lastEventId, event.text ?? "");
  if (event.type === "ended") {
    events.close();
  }
};
