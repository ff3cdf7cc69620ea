package org.linescribe.api.calls;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.callrecord.CallJson.CallBody;
import tools.jackson.databind.node.ObjectNode;

/** Answers about calls. */
final class CallBodies {
  private CallBodies() {}

  /**
   * A moment that was marked.
   *
   * @param atMs on the session's timeline
   */
  record MarkBody(long atMs, String text) {}

  record CallsBody(List<CallBody> calls) {}

  /**
   * @param calls each with the name of its node
   */
  record FleetCallsBody(List<ObjectNode> calls) {}

  /**
   * @param nextBefore the parameter {@code before} of the next page, absent after the last
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CallRecordsBody(List<CallBody> calls, @Nullable Instant nextBefore) {}
}
