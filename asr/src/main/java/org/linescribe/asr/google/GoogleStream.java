package org.linescribe.asr.google;

import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.BidiStreamObserver;
import com.google.api.gax.rpc.BidiStreamingCallable;
import com.google.api.gax.rpc.ClientStream;
import com.google.api.gax.rpc.StatusCode;
import com.google.api.gax.rpc.StreamController;
import com.google.cloud.speech.v1.StreamingRecognitionConfig;
import com.google.cloud.speech.v1.StreamingRecognitionResult;
import com.google.cloud.speech.v1.StreamingRecognizeRequest;
import com.google.cloud.speech.v1.StreamingRecognizeResponse;
import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.parts.PauseDetector;

/**
 * One leg, as a row of calls to Google: each begins with the first audio that waits and ends when
 * the leg is flushed, falls silent for long, or the call grows old (at a pause, for Google ends one
 * after five minutes wherever it is). The next begins when the one before has told all.
 *
 * <p>Thread: any; what it guards is arithmetic and sends that do not block. The listener is told
 * outside the lock, one call at a time.
 */
final class GoogleStream implements RecogniserStream {
  private static final int PIECE_MS = 100;

  /** Silence that is sent; a longer one ends the call, for Google is paid by the second. */
  private static final int SENT_SILENCE_MS = 2000;

  private static final int PAUSE_MS = 300;
  private static final long MOST_UNANSWERED_MS = 20_000;

  /** A call is ended wherever it is, before Google does. */
  private static final long HARD_LIMIT_MS = 295_000;

  private sealed interface Input {
    record Audio(byte[] pcm) implements Input {}

    record Silence(long samples) implements Input {}

    record Flush(CompletableFuture<Void> stage) implements Input {}
  }

  private final BidiStreamingCallable<StreamingRecognizeRequest, StreamingRecognizeResponse> google;
  private final StreamingRecognitionConfig config;
  private final RecogniserListener listener;
  private final GoogleSettings settings;
  private final long startMs;
  private final int rateHz;
  private final Consumer<GoogleStream> onEnd;
  private final PauseDetector pause;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Input> input = new ArrayDeque<>();
  private final Deque<Runnable> tells = new ArrayDeque<>();
  private boolean telling;
  private long queuedSamples;
  private boolean refused;
  private boolean dead;
  private @Nullable RecogniserException failure;
  private long position;
  private long settledToMs;
  private long answeredToMs;
  private @Nullable Call call;

  GoogleStream(
      BidiStreamingCallable<StreamingRecognizeRequest, StreamingRecognizeResponse> google,
      StreamingRecognitionConfig config,
      RecogniserListener listener,
      GoogleSettings settings,
      long startMs,
      int rateHz,
      Consumer<GoogleStream> onEnd) {
    this.google = google;
    this.config = config;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.settings = settings;
    this.startMs = startMs;
    this.rateHz = rateHz;
    this.onEnd = onEnd;
    this.settledToMs = startMs;
    this.answeredToMs = startMs;
    this.pause = new PauseDetector(rateHz);
  }

  @Override
  public boolean accept(float[] pcm, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, pcm.length);
    boolean taken =
        locked(
            () -> {
              long bound = settings.queueBound().toMillis() * rateHz / 1000;
              if (dead || (queuedSamples > 0 && queuedSamples + length > bound)) {
                refused = !dead;
                return false;
              }
              int piece = PIECE_MS * rateHz / 1000;
              for (int at = 0; at < length; at += piece) {
                int count = Math.min(piece, length - at);
                input.addLast(new Input.Audio(bytes(pcm, offset + at, count)));
              }
              queuedSamples += length;
              pump();
              return true;
            });
    tellAll();
    return taken;
  }

  @Override
  public void skip(int samples) {
    locked(
        () -> {
          if (!dead && samples > 0) {
            input.addLast(new Input.Silence(samples));
            pump();
          }
          return true;
        });
    tellAll();
  }

  /**
   * Audio that waits for the network, and what was sent and not answered: a replacement would have
   * to be told it. Google says nothing of silence, so the latter is bounded.
   */
  @Override
  public long queuedMs() {
    return locked(
        () ->
            queuedSamples * 1000 / rateHz
                + Math.clamp(ms(position) - answeredToMs, 0, MOST_UNANSWERED_MS));
  }

  /** Audio that waits for the network. */
  long backlogMs() {
    return locked(() -> queuedSamples * 1000 / rateHz);
  }

  @Override
  public CompletionStage<Void> flush() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    locked(
        () -> {
          if (dead) {
            RecogniserException why = failure;
            return stage.completeExceptionally(
                why == null ? new RecogniserException("the stream is closed") : why);
          }
          input.addLast(new Input.Flush(stage));
          pump();
          return true;
        });
    tellAll();
    return stage.minimalCompletionStage();
  }

  @Override
  public void close() {
    end(null);
  }

  /** Ends the stream with a failure, by any thread. */
  void fail(RecogniserException cause) {
    end(cause);
  }

  private void end(@Nullable RecogniserException cause) {
    locked(
        () -> {
          if (dead) {
            return false;
          }
          dead = true;
          failure = cause;
          Call open = call;
          call = null;
          RecogniserException why =
              cause == null ? new RecogniserException("the stream is closed") : cause;
          if (open != null) {
            open.cancel(why);
          }
          for (Input left : input) {
            if (left instanceof Input.Flush(CompletableFuture<Void> stage)) {
              tells.add(() -> stage.completeExceptionally(why));
            }
          }
          input.clear();
          queuedSamples = 0;
          onEnd.accept(this);
          if (cause != null) {
            tells.add(() -> listener.onFailure(cause));
          }
          return true;
        });
    tellAll();
  }

  /** Sends what can be sent. Under the lock. */
  private void pump() {
    while (!dead && !input.isEmpty()) {
      Call open = call;
      if (open != null && (open.halfClosed || !open.isReady())) {
        return;
      }
      switch (input.removeFirst()) {
        case Input.Audio(byte[] pcm) -> {
          if (open == null) {
            input.addFirst(new Input.Audio(pcm));
            begin();
          } else {
            send(open, pcm);
          }
        }
        case Input.Silence(long samples) -> passSilence(open, samples);
        case Input.Flush(CompletableFuture<Void> stage) -> {
          if (open == null) {
            tells.add(() -> stage.complete(null));
          } else {
            open.halfClose(stage);
          }
        }
      }
    }
    long bound = settings.queueBound().toMillis() * rateHz / 1000;
    if (refused && queuedSamples <= bound / 2) {
      refused = false;
      tells.add(listener::onWritable);
    }
  }

  private void send(Call to, byte[] pcm) {
    int samples = pcm.length / 2;
    to.send(pcm);
    queuedSamples -= samples;
    position += samples;
    pause.hear(floats(pcm), 0, samples);
    long ageMs = ms(position) - to.beganMs;
    boolean pauses = pause.pauseMs() >= PAUSE_MS && to.interim.isEmpty();
    if ((ageMs >= settings.rollover().toMillis() && pauses) || ageMs >= HARD_LIMIT_MS) {
      to.halfClose(null);
    }
  }

  private void passSilence(@Nullable Call open, long samples) {
    long most = (long) SENT_SILENCE_MS * rateHz / 1000;
    if (open == null) {
      position += samples;
      return;
    }
    long sent = Math.min(samples, most);
    if (samples > sent) {
      input.addFirst(new Input.Silence(samples - sent));
    }
    int piece = PIECE_MS * rateHz / 1000;
    for (long left = sent; left > 0; left -= piece) {
      byte[] zeros = new byte[2 * (int) Math.min(piece, left)];
      queuedSamples += zeros.length / 2;
      if (!open.halfClosed) {
        send(open, zeros);
      } else {
        queuedSamples -= zeros.length / 2;
        position += zeros.length / 2;
      }
    }
    if (samples > sent && !open.halfClosed) {
      open.halfClose(null);
    }
  }

  private void begin() {
    Call begun = new Call(ms(position));
    call = begun;
    try {
      google.call(begun);
    } catch (RuntimeException refused) {
      fail(new RecogniserException("google: no call can be made: " + refused, refused));
    }
  }

  private long ms(long samples) {
    return startMs + samples * 1000 / rateHz;
  }

  private <T> T locked(java.util.function.Supplier<T> step) {
    lock.lock();
    try {
      return step.get();
    } finally {
      lock.unlock();
    }
  }

  /** Runs what the listener is to hear, in order, by one thread at a time and outside the lock. */
  private void tellAll() {
    if (lock.isHeldByCurrentThread()) {
      return;
    }
    boolean mine = locked(() -> !telling && (telling = true));
    while (mine) {
      Runnable next =
          locked(
              () -> {
                Runnable first = tells.pollFirst();
                telling = first != null;
                return Objects.requireNonNullElse(first, NOTHING);
              });
      if (next == NOTHING) {
        return;
      }
      next.run();
    }
  }

  private static final Runnable NOTHING = () -> {};

  private static byte[] bytes(float[] pcm, int offset, int length) {
    byte[] bytes = new byte[2 * length];
    for (int i = 0; i < length; i++) {
      int value = Math.clamp(Math.round(pcm[offset + i] * 32768f), -32768, 32767);
      bytes[2 * i] = (byte) value;
      bytes[2 * i + 1] = (byte) (value >> 8);
    }
    return bytes;
  }

  private static float[] floats(byte[] pcm) {
    float[] floats = new float[pcm.length / 2];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (short) ((pcm[2 * i] & 0xFF) | (pcm[2 * i + 1] << 8)) / 32768f;
    }
    return floats;
  }

  /** One call to Google. All but its observer's entries run under the lock. */
  private final class Call
      implements BidiStreamObserver<StreamingRecognizeRequest, StreamingRecognizeResponse> {
    private final long beganMs;
    private @Nullable ClientStream<StreamingRecognizeRequest> requests;
    private @Nullable StreamController controller;
    private boolean halfClosed;
    private @Nullable CompletableFuture<Void> flush;
    private List<StreamingRecognitionResult> interim = List.of();

    private Call(long beganMs) {
      this.beganMs = beganMs;
    }

    private boolean isReady() {
      ClientStream<StreamingRecognizeRequest> to = requests;
      return to != null && to.isSendReady();
    }

    private void send(byte[] pcm) {
      Objects.requireNonNull(requests)
          .send(
              StreamingRecognizeRequest.newBuilder()
                  .setAudioContent(ByteString.copyFrom(pcm))
                  .build());
    }

    private void halfClose(@Nullable CompletableFuture<Void> stage) {
      halfClosed = true;
      flush = stage;
      Objects.requireNonNull(requests).closeSend();
      CompletableFuture.delayedExecutor(settings.answerWithin().toMillis(), TimeUnit.MILLISECONDS)
          .execute(this::overdue);
    }

    private void overdue() {
      if (locked(() -> call == this)) {
        fail(
            new RecogniserException(
                "google: no end of a call within " + settings.answerWithin().toMillis() + " ms"));
      }
    }

    private void cancel(RecogniserException why) {
      StreamController known = controller;
      if (known != null) {
        known.cancel();
      }
      CompletableFuture<Void> stage = flush;
      if (stage != null) {
        tells.add(() -> stage.completeExceptionally(why));
      }
    }

    @Override
    public void onStart(StreamController started) {
      controller = started;
    }

    @Override
    public void onReady(ClientStream<StreamingRecognizeRequest> ready) {
      locked(
          () -> {
            if (requests == null) {
              requests = ready;
              ready.send(StreamingRecognizeRequest.newBuilder().setStreamingConfig(config).build());
            }
            pump();
            return true;
          });
      tellAll();
    }

    @Override
    public void onResponse(StreamingRecognizeResponse response) {
      if (response.hasError() && response.getError().getCode() != 0) {
        fail(new RecogniserException("google: error " + response.getError().getCode()));
        return;
      }
      locked(
          () -> {
            if (call == this) {
              take(response.getResultsList());
            }
            return true;
          });
      tellAll();
    }

    private void take(List<StreamingRecognitionResult> results) {
      for (StreamingRecognitionResult result : results) {
        answeredToMs = Math.max(answeredToMs, GoogleResults.endMs(result, beganMs));
      }
      int open = 0;
      while (open < results.size() && results.get(open).getIsFinal()) {
        settle(List.of(results.get(open)));
        open++;
      }
      if (open < results.size() || open == 0) {
        revise(results.subList(open, results.size()));
      }
    }

    private void revise(List<StreamingRecognitionResult> results) {
      if (results.isEmpty()) {
        return;
      }
      interim = List.copyOf(results);
      Hypothesis revised = GoogleResults.hypothesis(interim, beganMs, settledToMs);
      tells.add(() -> listener.onHypothesis(revised));
    }

    private void settle(List<StreamingRecognitionResult> results) {
      interim = List.of();
      Hypothesis done = GoogleResults.hypothesis(results, beganMs, settledToMs);
      // Google may round its times beyond what it was sent.
      long toMs = Math.clamp(done.endMs(), settledToMs, Math.max(settledToMs, ms(position)));
      settledToMs = toMs;
      if (!done.isEmpty()) {
        tells.add(() -> listener.onEndpoint(done, toMs));
      }
    }

    @Override
    public void onError(Throwable thrown) {
      StatusCode.Code code =
          thrown instanceof ApiException api
              ? api.getStatusCode().getCode()
              : StatusCode.Code.UNKNOWN;
      boolean outlived =
          locked(
              () ->
                  code == StatusCode.Code.OUT_OF_RANGE
                      && interim.isEmpty()
                      && call == this
                      && pause.pauseMs() >= ms(position) - Math.max(answeredToMs, beganMs));
      if (outlived) {
        // No audio for too long, or five minutes, and only silence since Google's last answer:
        // nothing was lost, the next audio calls again.
        onComplete();
      } else if (locked(() -> call == this)) {
        fail(new RecogniserException("google: " + code, thrown));
      }
    }

    @Override
    public void onComplete() {
      boolean early =
          locked(
              () -> {
                if (call != this) {
                  return false;
                }
                if (!halfClosed && !interim.isEmpty()) {
                  return true;
                }
                if (!interim.isEmpty()) {
                  settle(interim);
                }
                call = null;
                settledToMs = Math.max(settledToMs, ms(position));
                answeredToMs = settledToMs;
                CompletableFuture<Void> stage = flush;
                if (stage != null) {
                  tells.add(() -> stage.complete(null));
                }
                pump();
                return false;
              });
      tellAll();
      if (early) {
        fail(new RecogniserException("google: a call ended in the middle of an utterance"));
      }
    }
  }
}
