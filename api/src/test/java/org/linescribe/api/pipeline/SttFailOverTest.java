package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.Unhurried;
import org.linescribe.api.WebSocketClient;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.google.GoogleRecogniser;
import org.linescribe.asr.google.GoogleSettings;
import org.linescribe.asr.providers.Providers;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.testsupport.ProjectFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** A provider dies in mid stream; the next one goes on, and no word is lost or told twice. */
class SttFailOverTest {
  private static final Logger LOG = LoggerFactory.getLogger(SttFailOverTest.class);

  private static Recogniser sherpa;
  private static Recogniser whisper;
  @TempDir private Path data;

  @BeforeAll
  static void load(@TempDir Path probes) {
    sherpa = SherpaRecognisers.bundled(Unhurried.recogniser(), new SimpleMeterRegistry());
    whisper =
        SherpaRecognisers.open(
            new ModelSource.Directory(ProjectFiles.offlineModel(), probes),
            new SherpaRecognisers.Use(
                SherpaRecognisers.WHISPER, "en", UtteranceSettings.defaults(), false),
            Unhurried.recogniser(),
            new SimpleMeterRegistry());
  }

  @AfterAll
  static void close() {
    sherpa.close();
    whisper.close();
  }

  /** A node with these providers. It closes none of them. */
  private final class Node implements AutoCloseable {
    private final SessionPipeline pipeline;
    private final ApiServer server;

    Node(Recogniser... inOrder) {
      Providers providers = new Providers(List.of(inOrder), Clock.systemUTC());
      SessionPipeline.Builder builder =
          SessionPipeline.builder()
              .settings(Unhurried.sessions())
              .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
              .meters(new SimpleMeterRegistry());
      providers.recognisers().forEach(r -> builder.recogniser(r.info().provider(), r));
      pipeline = builder.build();
      server = ApiServer.start(pipeline, providers, Map.of());
    }

    /** Streams a recording at 16 kHz; the finals as the client had them. */
    List<JsonNode> stream(HumanCall call, String id, String provider) {
      byte[] pcm = SttPipelineTest.pcm(call, 16_000, 0);
      try (WebSocketClient client =
          WebSocketClient.connect(
              server.ws("/stt/stream?provider=" + provider + "&session_id=" + id))) {
        for (int at = 0; at < pcm.length; at += 640) {
          client.send(Arrays.copyOfRange(pcm, at, Math.min(pcm.length, at + 640)));
        }
        client.send("{\"type\":\"end\"}");
        assertThat(client.closed().code()).isEqualTo(1000);
        return client.received().stream()
            .map(message -> json(message))
            .filter(message -> message.path("is_final").asBoolean(false))
            .toList();
      }
    }

    List<Segment> segments(String id) {
      return pipeline.segments(new SessionId(id), 1, 1000);
    }

    JsonNode health(String provider) throws Exception {
      return json(HttpAnswers.get(server.http("/health"))).get("providers").get(provider);
    }

    @Override
    public void close() {
      server.close();
      pipeline.close();
    }
  }

  private static void requireWhole(List<JsonNode> finals, List<Segment> segments) {
    assertThat(finals)
        .extracting(node -> node.get("seq").asLong())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, finals.size()).boxed().toList());
    assertThat(finals)
        .extracting(node -> node.get("text").asString())
        .isEqualTo(segments.stream().map(Segment::text).toList());
    assertThat(segments).isSortedAccordingTo(java.util.Comparator.comparingLong(Segment::startMs));
  }

  @Test
  void transcribesTheHumanRecordingsByWhisperAlone() throws Exception {
    int errors = 0;
    int words = 0;
    try (Node node = new Node(sherpa, whisper)) {
      for (HumanCall call : HumanCall.all()) {
        List<JsonNode> finals = node.stream(call, "w-" + call.name(), "whisper");
        requireWhole(finals, node.segments("w-" + call.name()));
        assertThat(node.segments("w-" + call.name()))
            .extracting(Segment::model)
            .containsOnly("telephony-digits-en-offline");
        errors += call.errors(text(finals));
        words += call.words().size();
      }
    }
    LOG.info("/stt/stream by whisper: {} errors in {} words", errors, words);
    assertThat(words).isEqualTo(132);
    assertThat(errors).isLessThanOrEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 6})
  void goesOnWithTheNextProviderFromTheLastFinal(int partials) throws Exception {
    int errors = 0;
    int words = 0;
    int failed = 0;
    for (HumanCall call : HumanCall.all()) {
      FailingRecogniser failing = new FailingRecogniser(sherpa, partials);
      try (Node node = new Node(failing, whisper)) {
        String id = "f-" + partials + "-" + call.name();
        List<JsonNode> finals = node.stream(call, id, "sherpa");
        requireWhole(finals, node.segments(id));
        errors += call.errors(text(finals));
        words += call.words().size();
        if (failing.failures.get() > 0) {
          failed++;
          assertThat(node.segments(id).getLast().model()).isEqualTo("telephony-digits-en-offline");
          assertThat(node.health("sherpa").get("state").asString()).isEqualTo("failing");
          assertThat(node.health("whisper").get("state").asString()).isEqualTo("up");
        }
      }
    }
    LOG.info(
        "sherpa failing at partial {} in {} calls, whisper going on: {} errors in {} words",
        partials,
        failed,
        errors,
        words);
    assertThat(failed).isPositive();
    assertThat(words).isEqualTo(132);
    assertThat(errors).isLessThanOrEqualTo(8);
  }

  @Test
  void goesOnHereWhenGoogleCannotBeReached() throws Exception {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    try (DeadPort nobody = new DeadPort();
        Recogniser google =
            GoogleRecogniser.open(GoogleSettings.plaintext("127.0.0.1:" + nobody.number()));
        Node node = new Node(google, sherpa)) {
      List<JsonNode> finals = node.stream(call, "no-google", "google");
      requireWhole(finals, node.segments("no-google"));
      assertThat(call.errors(text(finals))).isLessThanOrEqualTo(1);
      assertThat(node.health("google").get("state").asString()).isEqualTo("failing");
      assertThat(node.health("google").get("last_failure").asString()).contains("UNAVAILABLE");
    }
  }

  private static String text(List<JsonNode> finals) {
    return finals.stream()
        .map(node -> node.get("text").asString())
        .collect(Collectors.joining(" "));
  }
}
