package org.linescribe.asr.google;

import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.BidiStreamingCallable;
import com.google.api.gax.rpc.StatusCode;
import com.google.cloud.speech.v1.StreamingRecognitionConfig;
import com.google.cloud.speech.v1.StreamingRecognitionResult;
import com.google.cloud.speech.v1.StreamingRecognizeRequest;
import com.google.cloud.speech.v1.StreamingRecognizeResponse;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.pause.PauseDetector;
import org.linescribe.asr.queued.QueuedStream;

/**
 * One leg, as a row of calls to Google: each begins with the first audio that waits and ends when
 * the leg is flushed, falls silent for long, or the call grows old (at a pause, for Google ends one
 * after five minutes wherever it is). The next begins when the one before has told all.
 *
 * <p>Thread: turns, each on a virtual thread, that read what Google said and then send what it has
 * room for.
 */
final class GoogleStream extends QueuedStream {
  private static final Executor WORKERS = turn -> Thread.ofVirtual().name("asr-google").start(turn);

  private static final int PIECE_MS = 100;

  /** Silence that is sent; a longer one ends the call, for Google is paid by the second. */
  private static final int SENT_SILENCE_MS = 2000;

  private static final int PAUSE_MS = 300;
  private static final long MOST_UNANSWERED_MS = 20_000;

  /** A call is ended wherever it is, before Google does. */
  private static final long HARD_LIMIT_MS = 295_000;

  private final BidiStreamingCallable<StreamingRecognizeRequest, StreamingRecognizeResponse> google;
  private final StreamingRecognitionConfig config;
  private final GoogleSettings settings;
  private final long startMs;
  private final PauseDetector pause;

  private @Nullable GoogleCall call;
  private Input.@Nullable Flush flush;
  private List<StreamingRecognitionResult> interim = List.of();
  private long silence;
  private long silenceSent;
  private volatile long position;
  private volatile long answeredToMs;
  private long settledToMs;

  GoogleStream(
      BidiStreamingCallable<StreamingRecognizeRequest, StreamingRecognizeResponse> google,
      StreamingRecognitionConfig config,
      RecogniserListener listener,
      GoogleSettings settings,
      long startMs,
      int sampleRateHz,
      Consumer<? super QueuedStream> onEnd) {
    super(
        WORKERS,
        listener,
        sampleRateHz,
        settings.queueBound().toMillis() * sampleRateHz / 1000,
        onEnd);
    this.google = google;
    this.config = config;
    this.settings = settings;
    this.startMs = startMs;
    this.settledToMs = startMs;
    this.answeredToMs = startMs;
    this.pause = new PauseDetector(sampleRateHz);
  }

  /**
   * Audio that waits for the network, and what was sent and not answered: a replacement would have
   * to be told it. Google says nothing of silence, so the latter is bounded.
   */
  @Override
  public long queuedMs() {
    return backlogMs() + Math.clamp(ms(position) - answeredToMs, 0, MOST_UNANSWERED_MS);
  }

  @Override
  protected void turn() {
    hear();
    while (!isEnding() && sendNext()) {
      hear();
    }
  }

  @Override
  protected void release() {
    GoogleCall open = call;
    if (open != null) {
      open.cancel();
    }
  }

  // What is sent.

  /** Sends the next piece, or does what stands in its place; false when it cannot be now. */
  private boolean sendNext() {
    GoogleCall open = call;
    if (open != null && !open.isReady()) {
      return false;
    }
    if (silence > 0) {
      passSilence(open);
      return true;
    }
    @Nullable Input next = peek();
    if (next == null) {
      return false;
    }
    if (next instanceof Input.Audio && open == null) {
      begin();
      return true;
    }
    next();
    switch (next) {
      case Input.Audio audio -> {
        silenceSent = 0;
        if (open != null) {
          send(open, audio.pcm());
        }
        passed(audio);
      }
      case Input.Silence(long samples) -> silence += samples;
      case Input.Flush asked -> {
        if (open == null) {
          complete(asked);
        } else {
          flush = asked;
          open.halfClose(settings.answerWithin());
        }
      }
    }
    return true;
  }

  private void begin() {
    GoogleCall begun = new GoogleCall(config, ms(position), this::wake);
    call = begun;
    silenceSent = 0;
    try {
      google.call(begun);
    } catch (RuntimeException refused) {
      throw new RecogniserException("google: no call can be made: " + refused, refused);
    }
  }

  private void send(GoogleCall to, float[] pcm) {
    to.send(bytes(pcm));
    position += pcm.length;
    pause.hear(pcm, 0, pcm.length);
    long ageMs = ms(position) - to.beganMs();
    boolean pauses = pause.pauseMs() >= PAUSE_MS && interim.isEmpty();
    if ((ageMs >= settings.rollover().toMillis() && pauses) || ageMs >= HARD_LIMIT_MS) {
      to.halfClose(settings.answerWithin());
    }
  }

  private void passSilence(@Nullable GoogleCall open) {
    if (open == null) {
      position += silence;
      silence = 0;
    } else if (silenceSent >= samples(SENT_SILENCE_MS)) {
      open.halfClose(settings.answerWithin());
    } else {
      int count = (int) Math.min(silence, samples(PIECE_MS));
      silence -= count;
      silenceSent += count;
      send(open, new float[count]);
    }
  }

  // What is heard.

  private void hear() {
    GoogleCall open = call;
    while (open != null && open == call && !isEnding()) {
      GoogleCall.Said said = open.heard();
      switch (said) {
        case null -> {
          return;
        }
        case GoogleCall.Said.Results(List<StreamingRecognitionResult> results) ->
            take(open, results);
        case GoogleCall.Said.Fault(int code) ->
            throw new RecogniserException("google: error " + code);
        case GoogleCall.Said.Overdue() ->
            throw new RecogniserException(
                "google: no end of a call within " + settings.answerWithin().toMillis() + " ms");
        case GoogleCall.Said.Completed() -> {
          if (!open.isHalfClosed() && !isAllAnswered(open)) {
            throw new RecogniserException("google: a call ended in the middle of an utterance");
          }
          ended();
        }
        case GoogleCall.Said.Failed(Throwable thrown) -> {
          StatusCode.Code code =
              thrown instanceof ApiException api
                  ? api.getStatusCode().getCode()
                  : StatusCode.Code.UNKNOWN;
          // No audio for too long, or five minutes: the next audio calls again.
          if (code != StatusCode.Code.OUT_OF_RANGE || !isAllAnswered(open)) {
            throw new RecogniserException("google: " + code, thrown);
          }
          ended();
        }
      }
    }
  }

  /** Only silence was sent since Google's last answer: with the call, nothing is lost. */
  private boolean isAllAnswered(GoogleCall open) {
    return interim.isEmpty()
        && pause.pauseMs() >= ms(position) - Math.max(answeredToMs, open.beganMs());
  }

  private void take(GoogleCall open, List<StreamingRecognitionResult> results) {
    for (StreamingRecognitionResult result : results) {
      answeredToMs = Math.max(answeredToMs, GoogleResults.endMs(result, open.beganMs()));
    }
    int finals = 0;
    while (finals < results.size() && results.get(finals).getIsFinal()) {
      settle(open, List.of(results.get(finals)));
      finals++;
    }
    if (finals < results.size()) {
      interim = List.copyOf(results.subList(finals, results.size()));
      listener().onHypothesis(GoogleResults.hypothesis(interim, open.beganMs(), settledToMs));
    }
  }

  private void settle(GoogleCall open, List<StreamingRecognitionResult> results) {
    interim = List.of();
    Hypothesis done = GoogleResults.hypothesis(results, open.beganMs(), settledToMs);
    // Google may round its times beyond what it was sent.
    settledToMs = Math.clamp(done.endMs(), settledToMs, Math.max(settledToMs, ms(position)));
    if (!done.isEmpty()) {
      listener().onEndpoint(done, settledToMs);
    }
  }

  /** The call has told all. */
  private void ended() {
    GoogleCall over = call;
    if (over != null && !interim.isEmpty()) {
      settle(over, interim);
    }
    call = null;
    settledToMs = Math.max(settledToMs, ms(position));
    answeredToMs = settledToMs;
    Input.Flush done = flush;
    if (done != null) {
      flush = null;
      complete(done);
    }
  }

  private long ms(long samples) {
    return startMs + samples * 1000 / sampleRateHz();
  }

  private int samples(int ms) {
    return ms * sampleRateHz() / 1000;
  }

  private static byte[] bytes(float[] pcm) {
    byte[] bytes = new byte[2 * pcm.length];
    for (int i = 0; i < pcm.length; i++) {
      int value = Math.clamp(Math.round(pcm[i] * 32768f), -32768, 32767);
      bytes[2 * i] = (byte) value;
      bytes[2 * i + 1] = (byte) (value >> 8);
    }
    return bytes;
  }
}
