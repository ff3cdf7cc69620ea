package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long each final took: from sending the last frame of its speech to its arrival.
 *
 * <p>Which speech a final belongs to is told by its {@code end_ms}, which counts from the session's
 * start; the recording begins later by a lead that the API does not report. Where recordings have
 * pauses of about the same length many leads fit the ends equally well, so the lead is looked for
 * only where this machine's clock allows it.
 */
final class FinalLatencies {
  /** A final that ends farther than this from any end of speech is credited by its arrival. */
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

  private final List<SpeechSpan> speech;
  private final SentAudio sent;

  private FinalLatencies(List<SpeechSpan> speech, SentAudio sent) {
    this.speech = speech;
    this.sent = sent;
  }

  /**
   * @param finals in order of arrival
   * @return in ms, of each final that came after an end of speech
   */
  static List<Double> of(
      List<SpeechSpan> speech, SentAudio sent, List<ReceivedEvent> finals, Leads leads) {
    FinalLatencies latencies = new FinalLatencies(speech, sent);
    long leadMs = latencies.leadMs(finals, leads);
    List<Double> all = new ArrayList<>();
    for (ReceivedEvent event : finals) {
      SpeechSpan span = latencies.speechOf(event, leadMs);
      if (span != null) {
        all.add((event.atNs() - latencies.endNs(span)) / 1e6);
      }
    }
    return all;
  }

  private long endNs(SpeechSpan span) {
    return sent.sentNs(span.endSample() - 1);
  }

  /**
   * The speech whose end is nearest to the final's, if it is within a second, else the last one
   * that ended before the final arrived.
   */
  private @Nullable SpeechSpan speechOf(ReceivedEvent event, long leadMs) {
    SpeechSpan nearest = null;
    SpeechSpan last = null;
    long nearestMs = MAX_OFF_MS;
    for (SpeechSpan span : speech) {
      if (endNs(span) > event.atNs()) {
        break;
      }
      last = span;
      long offMs = Math.abs(event.endMs() - leadMs - span.endSample() / 8);
      if (event.endMs() >= 0 && offMs <= nearestMs) {
        nearest = span;
        nearestMs = offMs;
      }
    }
    return nearest != null ? nearest : last;
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
