package org.linescribe.testcalls;

import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The result of one call.
 *
 * @param sessionId session id of the transcript; the requested one when the call was never answered
 * @param text the finals of this call, joined by spaces
 * @param wordErrors null without a reference transcript
 * @param firstPartialMs from sending the frame with the first speech to the arrival of the first
 *     text; empty without speech or text
 * @param finalMs per final after an end of speech, from sending the last frame of its speech to its
 *     arrival, including the endpoint's silence
 * @param midSpeechMs per final whose speaker went on, as of a sentence that has ended: from sending
 *     its last word to its arrival
 * @param partialGaps between the partials of an utterance, at the reader
 * @param numbers check of the sequence numbers of all finals
 * @param framesLate frames that this machine sent more than 20 ms after their time
 * @param failure why the transcript is missing or incomplete; null on success
 */
public record CallReport(
    String file,
    String sessionId,
    Outcome outcome,
    String text,
    @Nullable WordErrors wordErrors,
    OptionalDouble firstPartialMs,
    List<Double> finalMs,
    List<Double> midSpeechMs,
    PartialGaps partialGaps,
    SequenceCheck numbers,
    int framesSent,
    int framesLate,
    int packetsReceived,
    double longestSendGapMs,
    int reconnects,
    @Nullable String failure) {

  /** Outcome, best first. */
  public enum Outcome {
    /** A transcript arrived with contiguous sequence numbers. */
    TRANSCRIBED,
    /** A transcript arrived with lost, repeated or reordered sequence numbers. */
    NUMBERS_WRONG,
    /** The call was placed, but no final arrived. */
    NO_TRANSCRIPT,
    /** The call or the subscription failed. */
    BROKEN,
    /** The peer refused the call. */
    REFUSED,
    /** The peer is unreachable. */
    UNREACHABLE
  }

  public CallReport {
    finalMs = List.copyOf(finalMs);
    midSpeechMs = List.copyOf(midSpeechMs);
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
        List.of(),
        PartialGaps.NONE,
        SequenceCheck.of(List.of(), 1),
        0,
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
      ReceivedTranscript received,
      FinalLatencies.Leads leads,
      int endpointMs,
      @Nullable String failure) {
    if (!audio.speech().isEmpty() && sent.frames() > 0) {
      received.speechBeganAt(sent.sentNs(audio.speech().getFirst().startSample()));
    }
    List<ReceivedEvent> events = received.events();
    List<ReceivedEvent> finals = received.ownFinals();
    SequenceCheck numbers = SequenceCheck.of(events, 1);
    String text = received.text();
    String why = failure != null ? failure : received.failure();
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
    FinalLatencies.Latencies latencies =
        FinalLatencies.of(audio.speech(), sent, finals, leads, endpointMs);
    return new CallReport(
        call.name(),
        sessionId,
        outcome,
        text,
        call.words() == null ? null : WordErrors.between(call.words(), text),
        firstText(audio, sent, received),
        latencies.atEnd(),
        latencies.within(),
        received.partialGaps(),
        numbers,
        sent.frames(),
        sent.lateFrames(),
        sent.received(),
        sent.longestGapNs() / 1e6,
        received.reconnects(),
        why);
  }

  private static OptionalDouble firstText(
      CallAudio audio, SentAudio sent, ReceivedTranscript received) {
    if (audio.speech().isEmpty()) {
      return OptionalDouble.empty();
    }
    long spokenNs = sent.sentNs(audio.speech().getFirst().startSample());
    return received.events().stream()
        .filter(
            event ->
                !event.text().isEmpty()
                    && event.kind() != ReceivedEvent.Kind.OTHER
                    && event.atNs() >= spokenNs)
        .mapToDouble(event -> (event.atNs() - spokenNs) / 1e6)
        .findFirst();
  }
}
