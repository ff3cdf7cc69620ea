package org.linescribe.asr.google;

import com.google.api.gax.rpc.BidiStreamObserver;
import com.google.api.gax.rpc.ClientStream;
import com.google.api.gax.rpc.StreamController;
import com.google.cloud.speech.v1.StreamingRecognitionConfig;
import com.google.cloud.speech.v1.StreamingRecognitionResult;
import com.google.cloud.speech.v1.StreamingRecognizeRequest;
import com.google.cloud.speech.v1.StreamingRecognizeResponse;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call to Google: sends audio while there is room, and notes what Google says for its {@link
 * GoogleStream} to read.
 *
 * <p>Thread: the observer's methods gRPC's, which only leave notes; all others the stream's turns.
 */
final class GoogleCall
    implements BidiStreamObserver<StreamingRecognizeRequest, StreamingRecognizeResponse> {
  /** What Google said, in its order. */
  sealed interface Said {
    /** Results of utterances, those that are final first. */
    record Results(List<StreamingRecognitionResult> results) implements Said {}

    /** An error in mid call, by Google's code; the call goes on. */
    record Fault(int code) implements Said {}

    /** The call's end, as we asked for or not. */
    record Completed() implements Said {}

    /** The call's end, with an error. */
    record Failed(Throwable thrown) implements Said {}

    /** Google was asked to end the call and took too long. */
    record Overdue() implements Said {}
  }

  private final StreamingRecognitionConfig config;
  private final long beganMs;
  private final Runnable wake;
  private final Queue<Said> said = new ConcurrentLinkedQueue<>();
  private volatile @Nullable ClientStream<StreamingRecognizeRequest> requests;
  private volatile @Nullable StreamController controller;
  private volatile boolean cancelled;
  private boolean halfClosed;

  /**
   * @param beganMs position of its first sample on the leg's timeline
   * @param wake called by any thread when the call has room or said something
   */
  GoogleCall(StreamingRecognitionConfig config, long beganMs, Runnable wake) {
    this.config = config;
    this.beganMs = beganMs;
    this.wake = wake;
  }

  long beganMs() {
    return beganMs;
  }

  /** Audio may be sent now. */
  boolean isReady() {
    ClientStream<StreamingRecognizeRequest> to = requests;
    return !halfClosed && to != null && to.isSendReady();
  }

  boolean isHalfClosed() {
    return halfClosed;
  }

  /**
   * @param pcm 16 bit, little endian; only when the call {@link #isReady}
   */
  void send(byte[] pcm) {
    send(StreamingRecognizeRequest.newBuilder().setAudioContent(ByteString.copyFrom(pcm)).build());
  }

  private void send(StreamingRecognizeRequest request) {
    ClientStream<StreamingRecognizeRequest> to = requests;
    if (to == null) {
      throw new IllegalStateException("send: the call has not begun");
    }
    to.send(request);
  }

  /** Ends the audio: Google tells the rest and then the end, or is {@link Said.Overdue}. */
  void halfClose(Duration answerWithin) {
    halfClosed = true;
    ClientStream<StreamingRecognizeRequest> to = requests;
    if (to != null) {
      to.closeSend();
    }
    CompletableFuture.delayedExecutor(answerWithin.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> note(new Said.Overdue()));
  }

  /** The next thing that Google said, null when there is none. */
  @Nullable Said heard() {
    return said.poll();
  }

  void cancel() {
    cancelled = true;
    StreamController known = controller;
    if (known != null) {
      known.cancel();
    }
  }

  private void note(Said what) {
    said.add(what);
    wake.run();
  }

  @Override
  public void onStart(StreamController started) {
    controller = started;
    if (cancelled) {
      started.cancel();
    }
  }

  @Override
  public void onReady(ClientStream<StreamingRecognizeRequest> ready) {
    if (requests == null && !cancelled) {
      ready.send(StreamingRecognizeRequest.newBuilder().setStreamingConfig(config).build());
      requests = ready;
    }
    wake.run();
  }

  @Override
  public void onResponse(StreamingRecognizeResponse response) {
    if (response.hasError() && response.getError().getCode() != 0) {
      note(new Said.Fault(response.getError().getCode()));
    } else {
      note(new Said.Results(response.getResultsList()));
    }
  }

  @Override
  public void onError(Throwable thrown) {
    note(new Said.Failed(thrown));
  }

  @Override
  public void onComplete() {
    note(new Said.Completed());
  }
}
