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
 * One call to Google: sends audio while there is space, and queues what Google sends for its {@link
 * GoogleStream} to read.
 *
 * <p>Thread: the observer's methods gRPC's, which only queue; all others the stream's steps.
 */
final class GoogleCall
    implements BidiStreamObserver<StreamingRecognizeRequest, StreamingRecognizeResponse> {
  /** What Google sent, in its order. */
  sealed interface Event {
    /** Results of utterances, those that are final first. */
    record Results(List<StreamingRecognitionResult> results) implements Event {}

    /** An error in mid call, by Google's code; the call goes on. */
    record Fault(int code) implements Event {}

    /** The call's end, as we asked for or not. */
    record Completed() implements Event {}

    /** The call's end, with an error. */
    record Failed(Throwable thrown) implements Event {}

    /** Google was asked to end the call and took too long. */
    record Overdue() implements Event {}
  }

  private final StreamingRecognitionConfig config;
  private final long beganMs;
  private final Runnable wake;
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private volatile @Nullable ClientStream<StreamingRecognizeRequest> requests;
  private volatile @Nullable StreamController controller;
  private volatile boolean cancelled;
  private boolean halfClosed;

  /**
   * @param beganMs position of its first sample on the leg's timeline
   * @param wake called by any thread when the call has space or received something
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

  /** Ends the audio: Google tells the rest and then the end, or is {@link Event.Overdue}. */
  void halfClose(Duration answerWithin) {
    halfClosed = true;
    ClientStream<StreamingRecognizeRequest> to = requests;
    if (to != null) {
      to.closeSend();
    }
    CompletableFuture.delayedExecutor(answerWithin.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> add(new Event.Overdue()));
  }

  /** The next event, null when there is none. */
  @Nullable Event nextEvent() {
    return events.poll();
  }

  void cancel() {
    cancelled = true;
    StreamController known = controller;
    if (known != null) {
      known.cancel();
    }
  }

  private void add(Event event) {
    events.add(event);
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
      add(new Event.Fault(response.getError().getCode()));
    } else {
      add(new Event.Results(response.getResultsList()));
    }
  }

  @Override
  public void onError(Throwable thrown) {
    add(new Event.Failed(thrown));
  }

  @Override
  public void onComplete() {
    add(new Event.Completed());
  }
}
