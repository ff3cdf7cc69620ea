package org.linescribe.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Optional;
import java.util.regex.Pattern;
import org.linescribe.app.tracing.TraceIds;
import org.linescribe.session.SessionId;
import org.springframework.boot.json.JsonWriter;
import org.springframework.boot.logging.structured.StructuredLoggingJsonMembersCustomizer;

/**
 * What a log line in JSON has beside Spring Boot's members: the session that it is about, and that
 * session's trace. Keys are hidden as in text; control characters are escaped by JSON itself.
 * Thread: any.
 */
final class JsonLogMembers implements StructuredLoggingJsonMembersCustomizer<ILoggingEvent> {
  private static final Pattern KEY = Pattern.compile("ls_[A-Za-z0-9_-]+");

  @Override
  public void customize(JsonWriter.Members<ILoggingEvent> members) {
    members
        .add("session_id", event -> sessionId(event).map(SessionId::value).orElse(null))
        .whenNotNull();
    members.add("trace_id", event -> sessionId(event).map(TraceIds::of).orElse(null)).whenNotNull();
    members.applyingValueProcessor(
        JsonWriter.ValueProcessor.of(String.class, text -> KEY.matcher(text).replaceAll("ls_***")));
  }

  /** The first session among the line's arguments. */
  private static Optional<SessionId> sessionId(ILoggingEvent event) {
    Object[] arguments = event.getArgumentArray();
    if (arguments != null) {
      for (Object argument : arguments) {
        if (argument instanceof SessionId id) {
          return Optional.of(id);
        }
      }
    }
    return Optional.empty();
  }
}
