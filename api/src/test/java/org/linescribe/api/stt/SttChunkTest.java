package org.linescribe.api.stt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.HttpAnswers;
import org.linescribe.session.SourceClosed;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

@NeedsTool(Tool.CURL)
class SttChunkTest {
  private static final String LAST = "is_final_chunk=true";

  @TempDir private static Path folder;
  private static FakeSessions sessions;
  private static ApiServer server;
  private static ChunkClient client;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of("linescribe.stt.max-chunk", "2MB"));
    client = new ChunkClient(server.http("/stt/stream-chunk"), folder);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static byte[] pcm(int samples) {
    byte[] bytes = new byte[2 * samples];
    new Random(samples).nextBytes(bytes);
    return bytes;
  }

  @Test
  void holdsASessionBetweenRequests() throws Exception {
    ChunkClient.Answer first =
        client.post(
            pcm(1600),
            "chunk.raw",
            "session_id=held",
            "language=en",
            "provider=sherpa",
            "sample_rate=16000");
    assertThat(first.status()).isEqualTo(200);
    String id = first.text("session_id");
    assertThat(id).isEqualTo("held");
    assertThat(first.body().get("is_final").asBoolean()).isFalse();
    assertThat(first.text("text")).isEmpty();
    FakeSession session = sessions.session(id);
    assertThat(session.samples()).isEqualTo(1600);

    session.hears("ONE TW");
    ChunkClient.Answer second = client.post(pcm(801), "chunk.raw", "session_id=" + id);
    assertThat(second.text("text")).isEqualTo("ONE TW");
    assertThat(second.body().get("is_final").asBoolean()).isFalse();
    assertThat(second.body().get("partial").get("seq").asLong()).isEqualTo(1);

    session.ends("ONE TWO");
    session.ends("THREE");
    session.hears("FOUR");
    ChunkClient.Answer third = client.post(pcm(800), "chunk.raw", "session_id=" + id);
    assertThat(third.text("text")).isEqualTo("ONE TWO THREE");
    assertThat(third.body().get("is_final").asBoolean()).isTrue();
    assertThat(third.body().get("finals"))
        .extracting(node -> node.get("seq").asLong())
        .containsExactly(1L, 2L);
    assertThat(third.body().get("partial").get("text").asString()).isEqualTo("FOUR");
    assertThat(third.body().has("confidence")).as("the fake recogniser gives none").isFalse();

    ChunkClient.Answer last = client.post(new byte[0], "chunk.raw", "session_id=" + id, LAST);
    assertThat(last.status()).isEqualTo(200);
    assertThat(last.body().get("ended").asBoolean()).isTrue();
    assertThat(last.body().get("is_final").asBoolean()).isTrue();
    assertThat(session.samples()).isEqualTo(3201);
    assertThat(session.ends()).containsExactly("final_chunk");
    assertThat(json(HttpAnswers.get(server.http("/streaming/stats"))).toString())
        .doesNotContain(id);
  }

  private static JsonNode stats(ApiServer of) throws Exception {
    return json(HttpAnswers.get(of.http("/streaming/stats")));
  }

  @Test
  void transcribesAChunkThatNamesNoSessionAsAWholeAndLeavesNothingOpen() throws Exception {
    FakeSessions own = new FakeSessions();
    try (ApiServer fresh = ApiServer.start(own, Map.of("linescribe.stt.max-held-sessions", "2"))) {
      ChunkClient posts = new ChunkClient(fresh.http("/stt/stream-chunk"), folder);
      for (int i = 0; i < 20; i++) {
        ChunkClient.Answer answer = posts.post(pcm(1600), "chunk.raw", "sample_rate=16000");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("session_id")).hasSize(36);
        assertThat(answer.body().get("is_final").asBoolean()).isTrue();
        assertThat(answer.body().get("ended").asBoolean()).isTrue();
        FakeSession session = own.session(answer.text("session_id"));
        assertThat(session.samples()).isEqualTo(1600);
        assertThat(session.ends()).containsExactly("single_chunk");
        assertThat(stats(fresh).get("active_sessions").asInt()).isZero();
      }
      assertThat(posts.post("fLaC and no more".getBytes(), "a").status()).isIn(415, 422);
      assertThat(stats(fresh).get("active_sessions").asInt()).isZero();
    }
  }

  @Test
  void recognisesItsClientByTheCookieThatTheAnswerSets() throws Exception {
    Path jar = Files.createDirectory(folder.resolve("jar"));
    ChunkClient browser = new ChunkClient(server.http("/stt/stream-chunk"), jar).withCookies();
    String id = browser.post(pcm(1600), "chunk.raw").text("session_id");
    for (int i = 0; i < 3; i++) {
      ChunkClient.Answer next = browser.post(pcm(1600), "chunk.raw");
      assertThat(next.text("session_id")).isEqualTo(id);
      assertThat(next.body().get("ended").asBoolean()).isFalse();
    }
    assertThat(browser.post(pcm(1600), "chunk.raw", LAST).text("session_id")).isEqualTo(id);
    assertThat(sessions.session(id).samples()).isEqualTo(5 * 1600);
    assertThat(sessions.session(id).ends()).containsExactly("single_chunk", "final_chunk");

    assertThat(browser.post(pcm(1600), "chunk.raw", LAST).text("session_id"))
        .as("the last chunk ends the cookie too")
        .isNotEqualTo(id);
  }

  @Test
  void boundsTheSessionsThatStayOpen() throws Exception {
    try (ApiServer small =
        ApiServer.start(new FakeSessions(), Map.of("linescribe.stt.max-held-sessions", "2"))) {
      ChunkClient posts = new ChunkClient(small.http("/stt/stream-chunk"), folder);
      assertThat(posts.post(pcm(16), "chunk", "session_id=a").status()).isEqualTo(200);
      assertThat(posts.post(pcm(16), "chunk", "session_id=b").status()).isEqualTo(200);
      assertThat(posts.post(pcm(16), "chunk", "session_id=c").status()).isEqualTo(503);
      assertThat(posts.post(pcm(16), "chunk", "session_id=a", LAST).status()).isEqualTo(200);
      assertThat(posts.post(pcm(16), "chunk", "session_id=c").status()).isEqualTo(200);
    }
  }

  @Test
  void takesTheParametersFromTheQueryToo() throws Exception {
    ChunkClient byQuery =
        new ChunkClient(
            server.http("/stt/stream-chunk?session_id=by-query&sample_rate=8000&language=en"),
            folder);
    assertThat(byQuery.post(pcm(80), "chunk").status()).isEqualTo(200);
    assertThat(sessions.session("by-query").request().legs().getFirst().sampleRateHz())
        .isEqualTo(8000);
  }

  @Test
  void keepsTheOrderOfChunksThatComeTogether() throws Exception {
    client.post(pcm(16), "chunk", "session_id=together");
    List<CompletableFuture<Integer>> posts = new java.util.ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ChunkClient own =
          new ChunkClient(
              server.http("/stt/stream-chunk"),
              Files.createDirectory(folder.resolve("together-" + i)));
      posts.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return own.post(pcm(8000), "chunk", "session_id=together").status();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> Thread.ofVirtual().start(task)));
    }
    assertThat(posts).allSatisfy(post -> assertThat(post.join()).isEqualTo(200));
    short[] heard = sessions.session("together").audio();
    assertThat(heard).hasSize(16 + 4 * 8000);
    for (int i = 0; i < 4; i++) {
      short[] one = Arrays.copyOfRange(heard, 16 + i * 8000, 16 + (i + 1) * 8000);
      assertThat(one).as("chunks are not mixed").isEqualTo(Arrays.copyOfRange(heard, 16, 8016));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sample_rate=12345, sample_rate",
    "language=?, language",
    "provider=siri, provider",
    "session_id=a/b, session_id",
    "is_final_chunk=perhaps, is_final_chunk"
  })
  void refusesWhatCannotBeGiven(String field, String named) throws Exception {
    ChunkClient.Answer answer = client.post(pcm(16), "chunk", field);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("error")).startsWith(named + ": ");
  }

  @Test
  void refusesOtherTermsInMidSession() throws Exception {
    client.post(pcm(16), "chunk", "session_id=terms", "sample_rate=8000", "language=en");
    assertThat(client.post(pcm(16), "chunk", "session_id=terms", "sample_rate=16000").text("error"))
        .isEqualTo("sample_rate: this session began with 8000");
    assertThat(client.post(pcm(16), "chunk", "session_id=terms", "language=auto").text("error"))
        .isEqualTo("language: this session began with en");
    assertThat(client.post(pcm(16), "chunk", "session_id=terms").status()).isEqualTo(200);
  }

  @Test
  void refusesAChunkThatIsTooLargeEmptyOrNotDecodableAndGoesOn() throws Exception {
    assertThat(client.post(new byte[3 << 20], "chunk", "session_id=bad").status()).isEqualTo(413);
    assertThat(client.post(new byte[0], "chunk", "session_id=bad").status()).isEqualTo(400);
    byte[] broken =
        "ID3 and then nothing that is music".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertThat(client.post(broken, "song.mp3", "session_id=bad", LAST).status()).isIn(415, 422);
    assertThat(client.post(pcm(160), "chunk", "session_id=bad").status()).isEqualTo(200);
    assertThat(sessions.session("bad").samples()).isEqualTo(160);
  }

  @Test
  void refusesMoreChunksAtOnceThanItHasSpaceForAndTakesThemAfterwards() throws Exception {
    FakeSessions own = new FakeSessions();
    own.session("stuck").space(0);
    try (ApiServer small =
        ApiServer.start(
            own,
            Map.of(
                "linescribe.stt.max-chunk", "1MB",
                "linescribe.stt.max-chunks-in-hand", "1MB"))) {
      ChunkClient posts = new ChunkClient(small.http("/stt/stream-chunk"), folder);
      ChunkClient stuck =
          new ChunkClient(
              small.http("/stt/stream-chunk"), Files.createDirectory(folder.resolve("stuck")));
      CompletableFuture<Integer> held =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return stuck.post(pcm(400_000), "chunk", "session_id=stuck").status();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> Thread.ofVirtual().start(task));
      await().until(() -> bytesInHand(small) == 800_000);

      ChunkClient.Answer refused = posts.post(pcm(400_000), "chunk", "session_id=other");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.text("error")).isEqualTo("Too many chunks at once on this node");
      assertThat(posts.post(pcm(160), "chunk", "session_id=other").status()).isEqualTo(200);

      own.session("stuck").writable(Integer.MAX_VALUE);
      assertThat(held.join()).isEqualTo(200);
      await().until(() -> bytesInHand(small) == 0);
      assertThat(posts.post(pcm(400_000), "chunk", "session_id=other").status()).isEqualTo(200);
    }
  }

  private static double bytesInHand(ApiServer of) {
    return of.bean(MeterRegistry.class).get("linescribe.stt.chunks.bytes").gauge().value();
  }

  @Test
  void opensASessionAgainThatWasTakenOver() throws Exception {
    client.post(pcm(16), "chunk", "session_id=taken");
    sessions.session("taken").closes(SourceClosed.SUPERSEDED);
    ChunkClient.Answer again = client.post(pcm(16), "chunk", "session_id=taken");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body().get("resumed").asBoolean()).isTrue();
  }

  @Test
  void expiresASessionThatIsLeftAlone() throws Exception {
    FakeSessions own = new FakeSessions();
    try (ApiServer impatient =
        ApiServer.start(own, Map.of("linescribe.stt.session-timeout", "1s"))) {
      ChunkClient posts = new ChunkClient(impatient.http("/stt/stream-chunk"), folder);
      posts.post(pcm(16), "chunk", "session_id=alone");
      await().until(() -> own.session("alone").ends().contains("expired"));
      await()
          .until(
              () -> {
                JsonNode stats = json(HttpAnswers.get(impatient.http("/streaming/stats")));
                // Two where this machine took longer than the time-out for one request.
                return stats.get("active_sessions").asInt() == 0
                    && stats.get("expired_sessions").asInt() >= 1
                    && stats.get("expired_sessions").equals(stats.get("total_sessions"));
              });
    }
  }
}
