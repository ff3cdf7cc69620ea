package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.providers.Providers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The default model that was chosen while the gateway ran, after its restart. */
class ChosenModelTest {
  private static final String DIGITS = "telephony-digits-en";
  private static final String GENERAL = "moonshine-tiny-en";

  @TempDir private Path data;

  private TestGateway start(String configured, String... more) {
    String[] settings = new String[more.length + 1];
    settings[0] = "--linescribe.model.name=" + configured;
    System.arraycopy(more, 0, settings, 1, more.length);
    return new TestGateway(data, settings);
  }

  private static HttpResponse<String> send(TestGateway gateway, String method, String path)
      throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://" + gateway.http() + path))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static String configured(TestGateway gateway) throws Exception {
    JsonNode told = JsonMapper.shared().readTree(send(gateway, "GET", "/models").body());
    assertThat(told.get("default_model").asString()).isEqualTo(byDefault(gateway));
    return told.get("configured_model").asString();
  }

  private static String byDefault(TestGateway gateway) {
    return gateway.part(Providers.class).first().info().model();
  }

  @Test
  void theModelThatWasChosenHoldsAfterARestartUntilTheSettingsNameAnother() throws Exception {
    try (TestGateway first = start(DIGITS)) {
      assertThat(byDefault(first)).isEqualTo(DIGITS);
      assertThat(send(first, "POST", "/models/" + GENERAL + "/default").statusCode())
          .isEqualTo(200);
      assertThat(configured(first)).isEqualTo(DIGITS);
    }
    try (TestGateway again = start(DIGITS)) {
      assertThat(byDefault(again)).isEqualTo(GENERAL);
      assertThat(configured(again)).isEqualTo(DIGITS);
    }
    try (TestGateway others = start(GENERAL)) {
      assertThat(byDefault(others)).isEqualTo(GENERAL);
      assertThat(configured(others)).isEqualTo(GENERAL);
      assertThat(send(others, "POST", "/models/" + DIGITS + "/default").statusCode())
          .isEqualTo(200);
    }
    try (TestGateway notServed = start(GENERAL, "--linescribe.model.others=")) {
      assertThat(byDefault(notServed)).as("the chosen one is not there").isEqualTo(GENERAL);
    }
    try (TestGateway changed = start(DIGITS)) {
      assertThat(byDefault(changed)).as("what the settings name since").isEqualTo(DIGITS);
    }
    try (TestGateway back = start(GENERAL)) {
      assertThat(byDefault(back)).as("what the settings overruled").isEqualTo(GENERAL);
    }
  }

  @Test
  void aChoiceThatCannotBeKeptSaysSo() throws Exception {
    try (TestGateway gateway = start(DIGITS)) {
      Files.createDirectory(data.resolve("default-model.properties.part"));

      HttpResponse<String> response = send(gateway, "POST", "/models/" + GENERAL + "/default");

      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.body()).contains("until the next start only");
      assertThat(byDefault(gateway)).isEqualTo(GENERAL);
    }
  }
}
