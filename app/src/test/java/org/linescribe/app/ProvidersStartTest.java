package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.testsupport.ProjectFiles;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The program offers the providers that are configured and no other. */
class ProvidersStartTest {
  @TempDir private Path data;

  private static JsonNode providers(TestGateway gateway) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + gateway.http() + "/health")).build();
      String body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
      return new JsonMapper().readTree(body).get("providers");
    }
  }

  @Test
  void offersSherpaAloneByDefault() throws Exception {
    try (TestGateway gateway = new TestGateway(data)) {
      assertThat(providers(gateway).get("sherpa").get("state").asString()).isEqualTo("up");
      assertThat(providers(gateway).get("whisper").get("state").asString())
          .isEqualTo("not_configured");
      assertThat(providers(gateway).get("google").get("state").asString())
          .isEqualTo("not_configured");
    }
  }

  @Test
  void offersWhatIsConfiguredInTheOrderOfFailOver() throws Exception {
    Path model = ProjectFiles.offlineModel();
    try (TestGateway gateway =
        new TestGateway(
            data,
            "--linescribe.providers.order=whisper,google,sherpa",
            "--linescribe.providers.whisper.dir=" + model,
            "--linescribe.providers.google.enabled=true",
            "--linescribe.providers.google.plaintext=true",
            "--linescribe.providers.google.endpoint=127.0.0.1:9")) {
      JsonNode providers = providers(gateway);
      assertThat(providers.propertyNames()).containsExactly("whisper", "google", "sherpa");
      assertThat(providers.get("whisper").get("model").asString())
          .isEqualTo("telephony-digits-en-offline");
      assertThat(providers).allSatisfy(p -> assertThat(p.get("state").asString()).isEqualTo("up"));
    }
  }
}
