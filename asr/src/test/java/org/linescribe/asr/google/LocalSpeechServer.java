package org.linescribe.asr.google;

import com.google.cloud.speech.v1.RecognitionConfig;
import com.google.cloud.speech.v1.SpeechRecognitionAlternative;
import com.google.cloud.speech.v1.StreamingRecognitionResult;
import com.google.cloud.speech.v1.StreamingRecognizeRequest;
import com.google.cloud.speech.v1.StreamingRecognizeResponse;
import com.google.cloud.speech.v1.WordInfo;
import com.google.protobuf.Duration;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server on the loopback that speaks google.cloud.speech.v1.Speech/StreamingRecognize, behind
 * which a fake results hears loudness: a stretch of one level is the word of that level, 400 ms of
 * silence end an utterance, as does the end of the call.
 */
public final class LocalSpeechServer implements AutoCloseable {
  private static final Map<Integer, String> WORDS =
      Map.of(1, "one", 2, "two", 3, "three", 4, "four", 5, "five", 6, "six");
  private static final int RATE_HZ = 16_000;
  private static final int UTTERANCE_END_SAMPLES = RATE_HZ * 400 / 1000;

  private final Server server;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private volatile int failAfterWords = Integer.MAX_VALUE;
  private volatile Status failure = Status.UNAVAILABLE;
  private volatile int silenceLimitSamples = Integer.MAX_VALUE;
  private volatile boolean mute;

  public LocalSpeechServer() throws IOException {
    MethodDescriptor<StreamingRecognizeRequest, StreamingRecognizeResponse> method =
        MethodDescriptor.<StreamingRecognizeRequest, StreamingRecognizeResponse>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName("google.cloud.speech.v1.Speech/StreamingRecognize")
            .setRequestMarshaller(
                ProtoUtils.marshaller(StreamingRecognizeRequest.getDefaultInstance()))
            .setResponseMarshaller(
                ProtoUtils.marshaller(StreamingRecognizeResponse.getDefaultInstance()))
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder("google.cloud.speech.v1.Speech")
                    .addMethod(method, ServerCalls.asyncBidiStreamingCall(this::called))
                    .build())
            .build()
            .start();
  }

  public String endpoint() {
    return "127.0.0.1:" + server.getPort();
  }

  /** PCM of words, each 300 ms, with 100 ms between and a pause at the end. */
  public static float[] speech(int pauseMs, int... words) {
    int word = RATE_HZ * 300 / 1000;
    int gap = RATE_HZ / 10;
    float[] pcm = new float[words.length * (word + gap) + pauseMs * RATE_HZ / 1000];
    for (int i = 0; i < words.length; i++) {
      java.util.Arrays.fill(pcm, i * (word + gap), i * (word + gap) + word, words[i] / 10f);
    }
    return pcm;
  }

  /** Ends a call behind so many words, and says nothing of the last one; also with OK. */
  public void failAfterWords(int words, Status status) {
    failure = status;
    failAfterWords = words;
  }

  /** Ends a call in which nobody speaks for so long, as Google does. */
  public void endSilentCallsAfter(int ms) {
    silenceLimitSamples = ms * RATE_HZ / 1000;
  }

  /** Takes audio and answers nothing. */
  public void mute() {
    mute = true;
  }

  public List<RecognitionConfig> configs() {
    return calls.stream().map(call -> call.config).toList();
  }

  public int calls() {
    return calls.size();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private StreamObserver<StreamingRecognizeRequest> called(
      StreamObserver<StreamingRecognizeResponse> answers) {
    Call call = new Call(answers);
    calls.add(call);
    return call;
  }

  private final class Call implements StreamObserver<StreamingRecognizeRequest> {
    private final StreamObserver<StreamingRecognizeResponse> answers;
    private RecognitionConfig config = RecognitionConfig.getDefaultInstance();
    private final List<WordInfo> words = new ArrayList<>();
    private long position;
    private int level;
    private long levelFrom;
    private int heard;
    private boolean over;

    private Call(StreamObserver<StreamingRecognizeResponse> answers) {
      this.answers = answers;
    }

    @Override
    public void onNext(StreamingRecognizeRequest request) {
      if (over) {
        return;
      }
      if (request.hasStreamingConfig()) {
        config = request.getStreamingConfig().getConfig();
        return;
      }
      byte[] pcm = request.getAudioContent().toByteArray();
      for (int i = 0; i + 1 < pcm.length && !over; i += 2) {
        hear(Math.round((short) ((pcm[i] & 0xFF) | (pcm[i + 1] << 8)) / 3276.8f));
      }
    }

    private void hear(int now) {
      if (now != level) {
        endLevel();
        level = now;
        levelFrom = position;
      }
      position++;
      if (level == 0 && position - levelFrom == silenceLimitSamples) {
        over = true;
        answers.onError(Status.OUT_OF_RANGE.asRuntimeException());
        return;
      }
      if (level == 0 && position - levelFrom == UTTERANCE_END_SAMPLES && !words.isEmpty()) {
        answer(true);
      }
    }

    private void endLevel() {
      if (level == 0 || over) {
        return;
      }
      boolean whole = position - levelFrom >= RATE_HZ / 4;
      words.add(
          WordInfo.newBuilder()
              .setWord(whole ? WORDS.getOrDefault(level, "?") : "cut")
              .setStartTime(duration(levelFrom))
              .setEndTime(duration(position))
              .setConfidence(0.9f)
              .build());
      if (++heard > failAfterWords) {
        over = true;
        if (failure.isOk()) {
          answers.onCompleted();
        } else {
          answers.onError(failure.withDescription("as the test asked").asRuntimeException());
        }
        return;
      }
      answer(false);
    }

    private void answer(boolean isFinal) {
      if (mute) {
        return;
      }
      SpeechRecognitionAlternative.Builder best =
          SpeechRecognitionAlternative.newBuilder()
              .setTranscript(String.join(" ", words.stream().map(WordInfo::getWord).toList()));
      if (isFinal) {
        best.addAllWords(words).setConfidence(0.9f);
        words.clear();
      }
      answers.onNext(
          StreamingRecognizeResponse.newBuilder()
              .addResults(
                  StreamingRecognitionResult.newBuilder()
                      .addAlternatives(best)
                      .setIsFinal(isFinal)
                      .setResultEndTime(duration(position)))
              .build());
    }

    private static Duration duration(long samples) {
      long ms = samples * 1000 / RATE_HZ;
      return Duration.newBuilder()
          .setSeconds(ms / 1000)
          .setNanos((int) (ms % 1000) * 1_000_000)
          .build();
    }

    @Override
    public void onError(@Nullable Throwable cancelled) {
      over = true;
    }

    @Override
    public void onCompleted() {
      if (over) {
        return;
      }
      endLevel();
      if (!over && !mute) {
        if (!words.isEmpty()) {
          answer(true);
        }
        answers.onCompleted();
      }
    }
  }
}
