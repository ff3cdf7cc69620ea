package org.linescribe.api.stt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeProviders;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.session.SourceRequest;
import tools.jackson.databind.JsonNode;

/** Which provider serves a language, and what a client is told of it. */
class SttProvidersTest {
  private static final RecogniserInfo TINY =
      new RecogniserInfo("whisper", "tiny", "mul", Set.of(), Set.of(RecogniserInfo.ANY), 16_000);

  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server =
        ApiServer.start(
            sessions,
            FakeProviders.of(new RecogniserInfo("sherpa", "digits", "en", 16_000), TINY),
            Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static WebSocketClient connect(String query) {
    return WebSocketClient.connect(server.ws("/stt/stream?" + query));
  }

  private static JsonNode next(WebSocketClient client) throws InterruptedException {
    return json(client.next());
  }

  @Test
  void servesADocumentedProviderThatIsNotConfiguredByTheDefaultAndSaysSo()
      throws InterruptedException {
    try (WebSocketClient client = connect("language=en&provider=google")) {
      JsonNode started = next(client);
      assertThat(started.get("provider").asString()).isEqualTo("sherpa");
      assertThat(started.get("warning").asString()).contains("google", "not configured", "sherpa");
    }
  }

  @Test
  void assumesTheModelsLanguageWhereItCannotDetectOne() throws InterruptedException {
    try (WebSocketClient client = connect("language=auto&provider=sherpa")) {
      JsonNode started = next(client);
      assertThat(started.get("language").asString()).isEqualTo("en");
      assertThat(started.get("warning").asString()).contains("cannot detect languages");
    }
    try (WebSocketClient client = connect("language=auto&provider=whisper")) {
      JsonNode started = next(client);
      assertThat(started.get("language").asString()).isEqualTo("auto");
      assertThat(started.has("warning")).isFalse();
    }
  }

  @Test
  void findsAProviderThatSpeaksTheLanguage() throws InterruptedException {
    try (WebSocketClient client = connect("language=fr&session_id=french")) {
      JsonNode started = next(client);
      assertThat(started.get("provider").asString()).isEqualTo("whisper");
      assertThat(started.get("language").asString()).isEqualTo("fr");
      assertThat(started.get("warning").asString()).contains("fr", "sherpa", "whisper");
      SourceRequest request = sessions.session("french").request();
      assertThat(request.recognition().language()).contains("fr");
      assertThat(request.recognition().provider()).contains("whisper");
    }
  }

  @Test
  void refusesALanguageThatNobodySpeaks() throws InterruptedException {
    try (ApiServer english = ApiServer.start(new FakeSessions(), Map.of());
        WebSocketClient client = WebSocketClient.connect(english.ws("/stt/stream?language=fr"))) {
      assertThat(next(client).get("error").asString()).contains("fr", "expected: auto, en");
      assertThat(client.closed().code()).isEqualTo(1008);
    }
  }

  @Test
  void tellsAModelOfManyLanguagesTheOneThatIsAskedFor() throws InterruptedException {
    RecogniserInfo multilingual =
        new RecogniserInfo("sherpa", "base", "mul", Set.of("en", "fr"), Set.of("en", "fr"), 16_000);
    FakeSessions asked = new FakeSessions();
    try (ApiServer gateway = ApiServer.start(asked, FakeProviders.of(multilingual), Map.of())) {
      try (WebSocketClient client =
          WebSocketClient.connect(gateway.ws("/stt/stream?language=fr&session_id=f"))) {
        JsonNode started = next(client);
        assertThat(started.get("language").asString()).isEqualTo("fr");
        assertThat(started.has("warning")).isFalse();
        assertThat(asked.session("f").request().recognition().language()).contains("fr");
      }
      try (WebSocketClient client =
          WebSocketClient.connect(gateway.ws("/stt/stream?language=xx"))) {
        assertThat(next(client).get("error").asString()).contains("xx", "expected: auto, en, fr");
        assertThat(client.closed().code()).isEqualTo(1008);
      }
    }
  }

  /** Else text in another language would be labelled with it. */
  @Test
  void saysThatAModelWhichCannotBeToldFindsTheLanguageOut() throws InterruptedException {
    for (String language : new String[] {"mul", "und"}) {
      RecogniserInfo parakeet =
          new RecogniserInfo("sherpa", "parakeet", language, Set.of("en", "fr"), Set.of(), 16_000);
      FakeSessions asked = new FakeSessions();
      try (ApiServer gateway = ApiServer.start(asked, FakeProviders.of(parakeet), Map.of());
          WebSocketClient client =
              WebSocketClient.connect(gateway.ws("/stt/stream?language=fr&session_id=f"))) {
        JsonNode started = next(client);
        assertThat(started.get("language").asString())
            .isEqualTo(language.equals("mul") ? "auto" : "und");
        assertThat(started.get("warning").asString())
            .isEqualTo("language: fr cannot be told to model parakeet");
        assertThat(asked.session("f").request().recognition().language()).isEmpty();
        asked.session("f").hears("bonjour");
        assertThat(next(client).get("language").asString())
            .isEqualTo(started.get("language").asString());
      }
    }
  }

  /** It may have been told four others, or could not be loaded for it. */
  @Test
  void labelsNothingWithALanguageThatTheModelWasNotTold() throws InterruptedException {
    sessions.session("fifth").findsLanguage();
    try (WebSocketClient client = connect("language=sw&provider=whisper&session_id=fifth")) {
      JsonNode started = next(client);
      assertThat(started.get("language").asString()).isEqualTo("auto");
      assertThat(started.get("warning").asString()).contains("could not be told");
      sessions.session("fifth").hears("habari");
      assertThat(next(client).get("language").asString()).isEqualTo("auto");
      sessions.session("fifth").ends("habari za asubuhi", Optional.of("sw"));
      assertThat(next(client).get("language").asString()).isEqualTo("sw");
    }
  }

  @Test
  void servesAModelByItsNameAndRefusesAnyOther() throws InterruptedException {
    try (WebSocketClient client = connect("model=tiny&session_id=by-model")) {
      assertThat(next(client).get("provider").asString()).isEqualTo("whisper");
      assertThat(sessions.session("by-model").request().recognition().model()).contains("tiny");
    }
    try (WebSocketClient client = connect("model=nonsense")) {
      assertThat(next(client).get("error").asString())
          .isEqualTo("model: expected one of digits, tiny");
      assertThat(client.closed().code()).isEqualTo(1008);
    }
    try (WebSocketClient client = connect("model=digits&language=fr")) {
      assertThat(next(client).get("error").asString()).contains("model digits does not speak fr");
    }
    try (WebSocketClient client = connect("model=digits&provider=whisper")) {
      assertThat(next(client).get("error").asString()).contains("expected one of them");
    }
  }

  @Test
  void tellsEveryProvidersStateInTheHealth() throws Exception {
    JsonNode providers = json(HttpAnswers.get(server.http("/health"))).get("providers");
    assertThat(providers.get("sherpa").get("state").asString()).isEqualTo("up");
    assertThat(providers.get("sherpa").get("model").asString()).isEqualTo("digits");
    assertThat(providers.get("whisper").get("state").asString()).isEqualTo("up");
    assertThat(providers.get("google").get("state").asString()).isEqualTo("not_configured");
  }
}
