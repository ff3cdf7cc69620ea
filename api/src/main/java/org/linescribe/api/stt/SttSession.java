package org.linescribe.api.stt;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Token;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;

/**
 * An open session of this API: its terms and its counters.
 *
 * <p>Thread: any.
 */
final class SttSession {
  /** Transport of the audio. */
  enum Transport {
    WEBSOCKET,
    HTTP
  }

  private final SessionId id;
  private final Transport transport;
  private volatile ProviderChoice choice;
  private final SttRequest request;
  private final Instant startedAt;
  private volatile String language;
  private final AtomicLong lastActivityNs;
  private final LongAdder audioSamples = new LongAdder();
  private final LongAdder partials = new LongAdder();
  private final LongAdder finals = new LongAdder();
  private final DoubleAdder probabilities = new DoubleAdder();
  private final LongAdder probableTokens = new LongAdder();

  SttSession(
      SessionId id,
      Transport transport,
      ProviderChoice choice,
      SttRequest request,
      Instant startedAt,
      long nowNs) {
    this.id = id;
    this.transport = transport;
    this.choice = choice;
    this.language = choice.language();
    this.request = request;
    this.startedAt = startedAt;
    this.lastActivityNs = new AtomicLong(nowNs);
  }

  /**
   * An entry of {@code GET /streaming/stats}.
   *
   * @param audioSeconds written to the session
   * @param confidence mean probability of all tokens of its finals; left out where there is none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      String sessionId,
      String transport,
      String language,
      String provider,
      int sampleRate,
      Instant startedAt,
      double inactiveSeconds,
      double audioSeconds,
      long partials,
      long finals,
      @Nullable Double confidence) {}

  SessionId id() {
    return id;
  }

  Transport transport() {
    return transport;
  }

  ProviderChoice choice() {
    return choice;
  }

  /** The model was not told the agreed language; before anything is heard. */
  void untold(List<String> words) {
    choice = choice.untold(words);
    language = choice.language();
  }

  SttRequest request() {
    return request;
  }

  /** The client has sent something. */
  void active(long nowNs) {
    lastActivityNs.set(nowNs);
  }

  long inactiveNs(long nowNs) {
    return nowNs - lastActivityNs.get();
  }

  void tookAudio(int samples) {
    audioSamples.add(samples);
  }

  void said(TranscriptEvent event) {
    switch (event) {
      case TranscriptEvent.Partial _ -> partials.increment();
      case TranscriptEvent.Final(var segment) -> {
        finals.increment();
        language = segment.language().orElse(language);
        for (Token token : segment.tokens()) {
          if (!Double.isNaN(token.probability())) {
            probabilities.add(token.probability());
            probableTokens.increment();
          }
        }
      }
      case TranscriptEvent.Dtmf _, TranscriptEvent.Ended _ -> {}
    }
  }

  /** The agreed language, or what the model found meanwhile where it finds it out. */
  String language() {
    return language;
  }

  long finals() {
    return finals.sum();
  }

  long partials() {
    return partials.sum();
  }

  double audioSeconds() {
    return (double) audioSamples.sum() / request.legRateHz();
  }

  Line line(long nowNs) {
    long tokens = probableTokens.sum();
    return new Line(
        id.value(),
        transport.name().toLowerCase(Locale.ROOT),
        language,
        choice.provider(),
        request.sampleRateHz(),
        startedAt,
        inactiveNs(nowNs) / 1e9,
        audioSeconds(),
        partials(),
        finals(),
        tokens == 0 ? null : probabilities.sum() / tokens);
  }
}
