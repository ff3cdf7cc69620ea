package org.linescribe.asr.google;

import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.BidiStreamingCallable;
import com.google.api.gax.rpc.StatusCode;
import com.google.cloud.speech.v1.StreamingRecognitionConfig;
import com.google.cloud.speech.v1.StreamingRecognitionResult;
import com.google.cloud.speech.v1.StreamingRecognizeRequest;
import com.google.cloud.speech.v1.StreamingRecognizeResponse;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.stream.LegStream;
import org.linescribe.asr.stream.PauseDetector;
import org.linescribe.media.codec.Pcm16;

/**
 * One leg, as successive calls to Google: each begins with the first audio that waits and ends when
 * the leg is flushed, falls silent for long, or the call grows old (at a pause, for Google ends one
 * after five minutes wherever it is). The next begins when the one before has told all.
 *
 * <p>Thread: steps, each on a virtual thread, that read what Google sent and then send what it has
 * space for.
 */
final class GoogleStream extends LegStream {
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
  private final PauseDetector pause;
  private final Consumer<GoogleStream> onEnd;

  private @Nullable GoogleCall call;
  private Input.@Nullable Flush flush;
  private List<StreamingRecognitionResult> interim = List.of();
  private long silence;

  /** Audio for which a call has to begin; {@link #position} is before it. */
  private short @Nullable [] uncalled;

  private long silenceSent;
  private long position;
  private long answeredToMs;
  private long settledToMs;

  GoogleStream(
      BidiStreamingCallable<StreamingRecognizeRequest, StreamingRecognizeResponse> google,
      StreamingRecognitionConfig config,
      LegReader audio,
      RecogniserListener listener,
      GoogleSettings settings,
      Consumer<GoogleStream> onEnd) {
    super(audio, listener);
    this.google = google;
    this.config = config;
    this.settings = settings;
    this.position = audio.position();
    this.settledToMs = ms(position);
    this.answeredToMs = settledToMs;
    this.pause = new PauseDetector(audio.sampleRateHz());
    this.onEnd = onEnd;
  }

  @Override
  protected void enqueue(boolean afterStep) {
    Thread.ofVirtual().name("asr-google").start(() -> run(this::step));
  }

  private void step() {
    hear();
    while (!isEnding() && sendNext()) {
      hear();
    }
    // What was sent and not answered a replacement would have to be told; Google says nothing of
    // silence, so that is bounded.
    long unansweredMs = Math.clamp(ms(position) - answeredToMs, 0, MOST_UNANSWERED_MS);
    audio().hold(position - audio().samples(unansweredMs));
  }

  @Override
  protected void release() {
    GoogleCall open = call;
    if (open != null) {
      open.cancel();
    }
  }

  @Override
  protected void ended(boolean failed) {
    onEnd.accept(this);
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
    short[] first = uncalled;
    if (first != null) {
      if (open == null) {
        call();
      } else {
        uncalled = null;
        send(open, first);
      }
      return true;
    }
    @Nullable Input next = next();
    switch (next) {
      case null -> {
        return false;
      }
      case Input.Audio(short[] pcm) -> {
        silenceSent = 0;
        if (open == null) {
          uncalled = pcm;
        } else {
          send(open, pcm);
        }
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

  private void call() {
    GoogleCall begun = new GoogleCall(config, ms(position), this::wake);
    call = begun;
    silenceSent = 0;
    try {
      google.call(begun);
    } catch (RuntimeException refused) {
      throw new RecogniserException("google: no call can be made: " + refused, refused);
    }
  }

  private void send(GoogleCall to, short[] pcm) {
    to.send(Pcm16.bytes(pcm));
    position += pcm.length;
    pause.hear(pcm);
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
    } else if (silenceSent >= audio().samples(SENT_SILENCE_MS)) {
      open.halfClose(settings.answerWithin());
    } else {
      int count = (int) Math.min(silence, audio().samples(PIECE_MS));
      silence -= count;
      silenceSent += count;
      send(open, new short[count]);
    }
  }

  // What is heard.

  private void hear() {
    GoogleCall open = call;
    while (open != null && open == call && !isEnding()) {
      GoogleCall.Event event = open.nextEvent();
      switch (event) {
        case null -> {
          return;
        }
        case GoogleCall.Event.Results(List<StreamingRecognitionResult> results) ->
            take(open, results);
        case GoogleCall.Event.Fault(int code) ->
            throw new RecogniserException("google: error " + code);
        case GoogleCall.Event.Overdue() ->
            throw new RecogniserException(
                "google: no end of a call within " + settings.answerWithin().toMillis() + " ms");
        case GoogleCall.Event.Completed() -> {
          if (!open.isHalfClosed() && !isAllAnswered(open)) {
            throw new RecogniserException("google: a call ended in the middle of an utterance");
          }
          ended();
        }
        case GoogleCall.Event.Failed(Throwable thrown) -> {
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
    return audio().ms(samples);
  }
}
