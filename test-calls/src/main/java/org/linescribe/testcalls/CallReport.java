package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How one call went.
 *
 * @param sessionId where the transcript is; the asked one where the call was never answered
 * @param text the finals of this call, joined by blanks
 * @param wordErrors null where nobody said what is in the recording
 * @param firstPartialMs from the moment when the frame with the first speech left to the arrival of
 *     the first text; empty where there was no speech or no text
 * @param finalMs for each final, from the moment when the last frame of the speech before it left
 *     to its arrival, the endpoint's silence included
 * @param numbers the numbers of all finals that came
 * @param failure why there is no transcript or not all of it; null where all went well
 */
public record CallReport(
    String file,
    String sessionId,
    Outcome outcome,
    String text,
    @Nullable WordErrors wordErrors,
    OptionalDouble firstPartialMs,
    List<Double> finalMs,
    NumberCheck numbers,
    int framesSent,
    int packetsReceived,
    double longestSendGapMs,
    int reconnects,
    @Nullable String failure) {

  private static final long MOST_LEAD_MS = 3000;

  /** How it ended, the best first. */
  public enum Outcome {
    /** A transcript came, its numbers whole. */
    TRANSCRIBED,
    /** A transcript came; numbers are lost, repeated or out of order. */
    NUMBERS_WRONG,
    /** The call was placed, and no final came. */
    NO_TRANSCRIPT,
    /** The call or the subscription broke. */
    BROKEN,
    /** The peer said no. */
    REFUSED,
    /** Nobody answered. */
    UNREACHABLE
  }

  public CallReport {
    finalMs = List.copyOf(finalMs);
  }

  static CallReport notPlaced(String file, String sessionId, CallFailedException failure) {
    Outcome outcome =
        switch (failure.kind()) {
          case UNREACHABLE -> Outcome.UNREACHABLE;
          case REFUSED -> Outcome.REFUSED;
          case BROKEN -> Outcome.BROKEN;
        };
    return new CallReport(
        file,
        sessionId,
        outcome,
        "",
        null,
        OptionalDouble.empty(),
        List.of(),
        NumberCheck.of(List.of(), 1),
        0,
        0,
        0,
        0,
        failure.getMessage());
  }

  static CallReport of(
      RecordedCall call,
      String sessionId,
      CallAudio audio,
      SentAudio sent,
      HeardTranscript heard,
      @Nullable String failure) {
    if (!audio.speech().isEmpty() && sent.frames() > 0) {
      heard.speechBeganAt(sent.sentNs(audio.speech().getFirst().startSample()));
    }
    List<HeardEvent> events = heard.events();
    List<HeardEvent> finals = heard.ownFinals();
    NumberCheck numbers = NumberCheck.of(events, 1);
    String text = heard.text();
    String why = failure != null ? failure : heard.failure();
    if (why == null && sent.isEndedByPeer()) {
      why =
          "the peer hung up after %.1f s of %.1f s"
              .formatted(sent.frames() * 0.02, audio.durationMs() / 1000.0);
    }
    Outcome outcome;
    if (why != null) {
      outcome = Outcome.BROKEN;
    } else if (finals.isEmpty()) {
      outcome = Outcome.NO_TRANSCRIPT;
      why = "the call was placed, but no final came; is the subscription's address right?";
    } else if (!numbers.isWhole()) {
      outcome = Outcome.NUMBERS_WRONG;
      why =
          "%d numbers lost, %d repeated, %d out of order"
              .formatted(numbers.lost(), numbers.repeated(), numbers.outOfOrder());
    } else {
      outcome = Outcome.TRANSCRIBED;
    }
    return new CallReport(
        call.name(),
        sessionId,
        outcome,
        text,
        call.words() == null ? null : WordErrors.between(call.words(), text),
        firstText(audio, sent, heard),
        finalLatencies(audio, sent, finals),
        numbers,
        sent.frames(),
        sent.received(),
        sent.longestGapNs() / 1e6,
        heard.reconnects(),
        why);
  }

  private static OptionalDouble firstText(CallAudio audio, SentAudio sent, HeardTranscript heard) {
    if (audio.speech().isEmpty()) {
      return OptionalDouble.empty();
    }
    long spokenNs = sent.sentNs(audio.speech().getFirst().startSample());
    return heard.events().stream()
        .filter(
            event ->
                !event.text().isEmpty()
                    && event.kind() != HeardEvent.Kind.OTHER
                    && event.atNs() >= spokenNs)
        .mapToDouble(event -> (event.atNs() - spokenNs) / 1e6)
        .findFirst();
  }

  /**
   * The speech that a final closes is the one whose end is nearest to the final's own {@code
   * end_ms}, where that is given and within a second, else the last that was over when the final
   * came. The time is ours in both cases.
   */
  private static List<Double> finalLatencies(
      CallAudio audio, SentAudio sent, List<HeardEvent> finals) {
    List<Double> latencies = new ArrayList<>();
    long leadMs = leadMs(audio, finals);
    for (HeardEvent event : finals) {
      long bestNs = Long.MIN_VALUE;
      long nearestMs = 1000;
      for (SpeechSpan span : audio.speech()) {
        long endNs = sent.sentNs(span.endSample() - 1);
        if (endNs > event.atNs()) {
          break;
        }
        long offMs =
            event.endMs() < 0 ? 0 : Math.abs(event.endMs() - leadMs - span.endSample() / 8);
        if (offMs <= nearestMs || bestNs == Long.MIN_VALUE) {
          bestNs = endNs;
          nearestMs = Math.min(nearestMs, offMs);
        }
      }
      if (bestNs != Long.MIN_VALUE) {
        latencies.add((event.atNs() - bestNs) / 1e6);
      }
    }
    return latencies;
  }

  /**
   * How long the session had run when the recording began: its times count from before the call was
   * answered. Nobody tells it, so it is the lead at which the finals' ends lie nearest to ends of
   * speech.
   */
  private static long leadMs(CallAudio audio, List<HeardEvent> finals) {
    List<HeardEvent> timed = finals.stream().filter(event -> event.endMs() >= 0).toList();
    long best = 0;
    long leastOffMs = Long.MAX_VALUE;
    for (long leadMs = 0; leadMs <= MOST_LEAD_MS; leadMs += 20) {
      long offMs = 0;
      for (HeardEvent event : timed) {
        long endMs = event.endMs() - leadMs;
        offMs +=
            audio.speech().stream()
                .mapToLong(span -> Math.abs(endMs - span.endSample() / 8))
                .min()
                .orElse(0);
      }
      if (offMs < leastOffMs) {
        leastOffMs = offMs;
        best = leadMs;
      }
    }
    return best;
  }
}
