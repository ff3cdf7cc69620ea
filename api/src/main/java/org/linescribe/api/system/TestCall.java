package org.linescribe.api.system;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Calls this gateway with a recording, over SIP and RTP, as a phone would; the assembly brings it.
 *
 * <p>Thread: one call at a time; blocks until it and its transcript have ended, in bounded time.
 */
@FunctionalInterface
public interface TestCall {
  /**
   * @param credentials headers by which the transcript is read
   */
  Report place(Map<String, String> credentials) throws IOException, InterruptedException;

  /**
   * What the call tool measured.
   *
   * @param outcome "transcribed", "numbers_wrong", "no_transcript", "broken", "refused" or
   *     "unreachable"
   * @param failure why the transcript is missing or incomplete
   * @param text that was recognised
   * @param words that were spoken
   * @param wordErrors wrong, missing and added ones of them
   * @param firstTextMs from the first speech to the first text
   * @param finalMs of each final, from the end of its speech to its arrival
   * @param finals that came
   * @param lost their numbers that never came
   * @param repeated finals that came twice
   * @param outOfOrder finals that came after a higher number
   * @param packetsSent RTP packets
   * @param packetsLate packets that this machine sent more than 20 ms after their time
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Report(
      String recording,
      String sessionId,
      String outcome,
      Optional<String> failure,
      String text,
      Optional<Integer> words,
      Optional<Integer> wordErrors,
      Optional<Long> firstTextMs,
      List<Long> finalMs,
      int finals,
      int lost,
      int repeated,
      int outOfOrder,
      int packetsSent,
      int packetsLate) {
    public Report {
      finalMs = List.copyOf(finalMs);
    }
  }
}
