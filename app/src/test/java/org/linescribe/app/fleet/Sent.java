package org.linescribe.app.fleet;

import java.util.List;

/**
 * What the source of one session said, in order.
 *
 * @param kind {@code call} or {@code socket}
 * @param disturbances what broke meanwhile, for the report
 */
record Sent(String sessionId, String kind, List<Unit> units, List<String> disturbances) {
  /**
   * A recording.
   *
   * @param disturbed whether some of its words may be lost: they were in flight when their gateway
   *     was lost
   */
  record Unit(String words, boolean disturbed) {}
}
