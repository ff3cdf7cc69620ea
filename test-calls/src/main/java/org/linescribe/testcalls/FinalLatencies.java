package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long each final took: from sending the last frame of its speech to its arrival. A final that
 * came while its speaker went on, as of a sentence that has ended, is told apart: it did not wait
 * for an end of speech, so it counts from its own last word.
 *
 * <p>Which speech a final belongs to is told by its {@code end_ms}, which counts from the session's
 * start; the recording begins later by a lead that the API does not report. Where recordings have
 * pauses of about the same length many leads fit the ends equally well, so the lead is looked for
 * only where this machine's clock allows it.
 */
record FinalLatencies(List<SpeechSpan> speech, SentAudio sent, int endpointMs) {
  /** The gateway's silence of an endpoint, by default: speech that goes on sooner has not ended. */
  static final int ENDPOINT_MS = 800;

  /** An end that is farther than this from an end of speech is not that one. */
  private static final long MAX_OFF_MS = 1000;

  private static final long STEP_MS = 10;

  /** The leads that are possible, in ms. */
  record Leads(long leastMs, long mostMs) {
    /** The timeline begins with the first frame. */
    static final Leads NONE = new Leads(0, 0);

    /** The session may have begun with an earlier call. */
    static final Leads UNKNOWN = new Leads(0, 3000);

    /** The frames wait in the peer's jitter buffer, and both clocks are rounded. */
    private static final long SLACK_MS = 200;

    /**
     * Of a session that begins between the request for the call and its answer.
     *
     * @param askedNs when the call was asked for
     * @param answeredNs when its answer had come
     */
    static Leads measured(long askedNs, long answeredNs, SentAudio sent) {
      if (sent.frames() == 0) {
        return UNKNOWN;
      }
      long firstNs = sent.sentNs(0);
      return new Leads(
          Math.max(0, (firstNs - answeredNs) / 1_000_000 - SLACK_MS),
          Math.max(0, (firstNs - askedNs) / 1_000_000 + SLACK_MS));
    }
  }

  /**
   * In ms, in the order of arrival.
   *
   * @param atEnd of finals that came after an end of speech
   * @param within of finals whose speaker went on
   */
  record Latencies(List<Double> atEnd, List<Double> within) {}

  /**
   * @param finals in order of arrival
   * @param endpointMs silence after which the gateway takes speech for ended
   */
  static Latencies of(
      List<SpeechSpan> speech,
      SentAudio sent,
      List<ReceivedEvent> finals,
      Leads leads,
      int endpointMs) {
    FinalLatencies latencies = new FinalLatencies(speech, sent, endpointMs);
    long leadMs = latencies.leadMs(finals, leads);
    List<Double> atEnd = new ArrayList<>();
    List<Double> within = new ArrayList<>();
    for (ReceivedEvent event : finals) {
      latencies.add(event, event.endMs() - leadMs, atEnd, within);
    }
    return new Latencies(atEnd, within);
  }

  /**
   * @param positionMs its end in the recording, where it has one
   */
  private void add(ReceivedEvent event, long positionMs, List<Double> atEnd, List<Double> within) {
    if (event.endMs() >= 0 && isGoingOn(positionMs, event.atNs())) {
      within.add((event.atNs() - sent.sentNs(Math.toIntExact(positionMs * 8))) / 1e6);
      return;
    }
    SpeechSpan ended = event.endMs() < 0 ? null : endingAt(positionMs, event.atNs());
    ended = ended == null ? lastBefore(event.atNs()) : ended;
    if (ended != null) {
      (goesOn(ended) ? within : atEnd).add((event.atNs() - endNs(ended)) / 1e6);
    }
  }

  /** It is in the middle of speech that was sent before, far from that speech's end. */
  private boolean isGoingOn(long positionMs, long beforeNs) {
    return speech.stream()
        .anyMatch(
            span ->
                span.startSample() <= positionMs * 8
                    && positionMs * 8 < span.endSample() - MAX_OFF_MS * 8
                    && sent.sentNs(Math.toIntExact(positionMs * 8)) <= beforeNs);
  }

  private boolean goesOn(SpeechSpan span) {
    int next = speech.indexOf(span) + 1;
    return next < speech.size()
        && speech.get(next).startSample() - span.endSample() < endpointMs * 8;
  }

  private long endNs(SpeechSpan span) {
    return sent.sentNs(span.endSample() - 1);
  }

  /** The speech that had ended, whose end is nearest to a position and within a second of it. */
  private @Nullable SpeechSpan endingAt(long positionMs, long beforeNs) {
    SpeechSpan nearest = null;
    long nearestMs = MAX_OFF_MS;
    for (SpeechSpan span : speech) {
      long offMs = Math.abs(positionMs - span.endSample() / 8);
      if (endNs(span) <= beforeNs && offMs <= nearestMs) {
        nearest = span;
        nearestMs = offMs;
      }
    }
    return nearest;
  }

  private @Nullable SpeechSpan lastBefore(long ns) {
    SpeechSpan last = null;
    for (SpeechSpan span : speech) {
      last = endNs(span) <= ns ? span : last;
    }
    return last;
  }

  /** The possible lead at which the finals' ends lie nearest to ends of speech. */
  private long leadMs(List<ReceivedEvent> finals, Leads leads) {
    long best = leads.leastMs;
    long leastOffMs = offMs(finals, best);
    for (long lead = leads.leastMs; lead <= leads.mostMs; lead += STEP_MS) {
      long offMs = offMs(finals, lead);
      if (offMs < leastOffMs) {
        leastOffMs = offMs;
        best = lead;
      }
    }
    return best;
  }

  private long offMs(List<ReceivedEvent> finals, long leadMs) {
    long sumMs = 0;
    for (ReceivedEvent event : finals) {
      if (event.endMs() >= 0) {
        sumMs += offMs(event.endMs() - leadMs);
      }
    }
    return sumMs;
  }

  /**
   * From a position in the recording to the nearest end of speech; one wrong end weighs a second.
   */
  private long offMs(long positionMs) {
    int low = 0;
    int high = speech.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (speech.get(middle).endSample() / 8 < positionMs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    long off = Long.MAX_VALUE;
    if (low < speech.size()) {
      off = speech.get(low).endSample() / 8 - positionMs;
    }
    if (low > 0) {
      off = Math.min(off, positionMs - speech.get(low - 1).endSample() / 8);
    }
    return Math.min(off, MAX_OFF_MS);
  }
}
