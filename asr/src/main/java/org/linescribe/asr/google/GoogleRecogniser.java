package org.linescribe.asr.google;

import com.google.api.gax.core.FixedCredentialsProvider;
import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.speech.v1.RecognitionConfig;
import com.google.cloud.speech.v1.SpeechClient;
import com.google.cloud.speech.v1.SpeechSettings;
import com.google.cloud.speech.v1.StreamingRecognitionConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;

/**
 * The provider {@code google}. Google decides where an utterance ends; the silence that a session
 * asks for is not known to version 1 of its API.
 *
 * <p>Thread: any. Owner of the client and its connections. Errors: what Google answers with, by its
 * status, fails the stream, so that the pipeline goes on elsewhere with what is not settled yet.
 */
public final class GoogleRecogniser implements Recogniser {
  public static final String PROVIDER = "google";
  private static final int SAMPLE_RATE_HZ = 16_000;

  private final SpeechClient client;
  private final GoogleSettings settings;
  private final RecogniserInfo info;
  private final Set<GoogleStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private GoogleRecogniser(SpeechClient client, GoogleSettings settings) {
    this.client = client;
    this.settings = settings;
    String model = settings.model().isBlank() ? "default" : settings.model();
    this.info =
        new RecogniserInfo(
            PROVIDER,
            "google-" + model,
            "mul",
            Set.of(),
            Set.of(RecogniserInfo.ANY),
            SAMPLE_RATE_HZ);
  }

  /**
   * Makes the client; nothing is sent before the first stream.
   *
   * @throws RecogniserException when the credentials cannot be had
   */
  public static GoogleRecogniser open(GoogleSettings settings) {
    try {
      SpeechSettings.Builder builder = SpeechSettings.newBuilder();
      if (!settings.endpoint().isBlank()) {
        builder.setEndpoint(settings.endpoint());
      }
      if (settings.plaintext()) {
        builder.setCredentialsProvider(NoCredentialsProvider.create());
        builder.setTransportChannelProvider(
            InstantiatingGrpcChannelProvider.newBuilder()
                .setEndpoint(settings.endpoint())
                .setChannelConfigurator(channel -> channel.usePlaintext())
                .build());
      } else if (!settings.credentials().isBlank()) {
        builder.setCredentialsProvider(
            FixedCredentialsProvider.create(credentials(Path.of(settings.credentials()))));
      }
      return new GoogleRecogniser(SpeechClient.create(builder.build()), settings);
    } catch (IOException | IllegalArgumentException e) {
      // Google's client takes some files that hold no credentials for its caller's bug.
      String given =
          settings.credentials().isBlank() ? "the environment's own" : settings.credentials();
      throw new RecogniserException(
          "linescribe.providers.google.credentials: "
              + given
              + ": they cannot be used: "
              + e.getMessage(),
          e);
    }
  }

  private static GoogleCredentials credentials(Path file) throws IOException {
    try (InputStream json = Files.newInputStream(file)) {
      return GoogleCredentials.fromStream(json)
          .createScoped(List.of("https://www.googleapis.com/auth/cloud-platform"));
    }
  }

  @Override
  public RecogniserInfo info() {
    return info;
  }

  @Override
  public RecogniserLoad load() {
    long nowNs = System.nanoTime();
    long backlogMs = open.stream().mapToLong(stream -> stream.backlogMs(nowNs)).max().orElse(0);
    return new RecogniserLoad(open.size(), backlogMs, false);
  }

  @Override
  public RecogniserStream open(
      LegReader audio, StreamOptions options, RecogniserListener listener) {
    if (closed) {
      throw new RecogniserException("the recogniser is closed");
    }
    GoogleStream stream =
        new GoogleStream(
            client.streamingRecognizeCallable(),
            config(options.language(), audio.sampleRateHz()),
            audio,
            listener,
            settings,
            open::remove);
    audio.bound(audio.samples(settings.queueBound().toMillis()));
    open.add(stream);
    stream.start();
    if (closed) {
      stream.fail(new RecogniserException("the recogniser was closed"));
    }
    return stream;
  }

  private StreamingRecognitionConfig config(Optional<String> language, int sampleRateHz) {
    RecognitionConfig.Builder config =
        RecognitionConfig.newBuilder()
            .setEncoding(RecognitionConfig.AudioEncoding.LINEAR16)
            .setSampleRateHertz(sampleRateHz)
            .setAudioChannelCount(1)
            .setLanguageCode(settings.spoken(language))
            .setEnableWordTimeOffsets(true)
            .setEnableWordConfidence(true);
    if (language.isEmpty()) {
      config.addAllAlternativeLanguageCodes(settings.alternativeTags());
    }
    if (!settings.model().isBlank()) {
      config.setModel(settings.model());
    }
    return StreamingRecognitionConfig.newBuilder()
        .setConfig(config)
        .setInterimResults(true)
        .build();
  }

  /** Fails the open streams and closes the connections. */
  @Override
  public void close() {
    closed = true;
    open.forEach(stream -> stream.fail(new RecogniserException("the recogniser was closed")));
    client.shutdownNow();
    try {
      client.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
