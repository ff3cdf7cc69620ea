package org.linescribe.api.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.LineStatus;

/**
 * How many more calls fit, by what a further one would be refused on.
 *
 * @param moreCalls of one leg; empty where nothing is known
 * @param boundBy name of the limit that leaves the fewest
 * @param limits each that counts
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record Capacity(Optional<Integer> moreCalls, Optional<String> boundBy, List<Limit> limits) {
  /**
   * @param name "calls", "sources", "media-ports" or "recogniser"
   * @param used empty for the recogniser, as the next
   * @param limit at once
   * @param more that fit; empty where the recogniser does not know what a stream costs
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Limit(
      String name, Optional<Integer> used, Optional<Integer> limit, Optional<Integer> more) {
    private static Limit of(String name, int used, int limit) {
      return new Limit(
          name, Optional.of(used), Optional.of(limit), Optional.of(Math.max(0, limit - used)));
    }
  }

  static Capacity of(int openSources, Sessions.SourceCapacity sessions, LineStatus line) {
    List<Limit> limits = new ArrayList<>();
    if (line.calls().limit() > 0) {
      limits.add(Limit.of("calls", line.calls().used(), line.calls().limit()));
    }
    if (sessions.maxSources() > 0) {
      limits.add(Limit.of("sources", openSources, sessions.maxSources()));
    }
    if (line.portPairs().limit() > 0) {
      limits.add(Limit.of("media-ports", line.portPairs().used(), line.portPairs().limit()));
    }
    Optional<Integer> streams =
        sessions.recogniserBehind()
            ? Optional.of(0)
            : sessions.recogniserMoreStreams().stream().boxed().findFirst();
    limits.add(new Limit("recogniser", Optional.empty(), Optional.empty(), streams));
    Optional<Limit> tightest =
        limits.stream()
            .filter(limit -> limit.more().isPresent())
            .min(Comparator.comparing(limit -> limit.more().orElseThrow()));
    return new Capacity(tightest.flatMap(Limit::more), tightest.map(Limit::name), limits);
  }
}
