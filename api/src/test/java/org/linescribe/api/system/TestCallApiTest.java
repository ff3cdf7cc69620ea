package org.linescribe.api.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class TestCallApiTest {
  private static final CountDownLatch BEGUN = new CountDownLatch(1);
  private static final CountDownLatch MAY_END = new CountDownLatch(1);

  @Configuration(proxyBeanMethods = false)
  static class Line {
    @Bean
    TestCall fakeTestCall() {
      return credentials -> {
        BEGUN.countDown();
        MAY_END.await();
        return new TestCall.Report(
            "a.wav",
            "test-call-1",
            "refused",
            Optional.of("403 " + credentials.get("X-API-Key")),
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            0,
            0,
            0,
            0,
            0,
            0);
      };
    }
  }

  @Test
  void oneAtATimeAndWithTheKeyOfWhoeverAsks() throws Exception {
    try (ApiServer server =
            ApiServer.start(
                new FakeSessions(), Map.of(), ApiConfiguration.class, TestCallApiTest.Line.class);
        HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.http("/system/test-call")))
              .header("X-API-Key", "mine")
              .POST(HttpRequest.BodyPublishers.noBody())
              .build();
      CompletableFuture<HttpResponse<String>> first =
          client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
      assertThat(BEGUN.await(1, TimeUnit.MINUTES)).isTrue();
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(409);
      MAY_END.countDown();
      assertThat(first.get().statusCode()).isEqualTo(200);
      assertThat(json(first.get().body()).get("failure").asString()).isEqualTo("403 mine");
      assertThat(json(first.get().body()).has("words")).isFalse();
    }
  }
}
