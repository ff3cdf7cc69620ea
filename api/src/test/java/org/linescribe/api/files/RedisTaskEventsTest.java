package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.session.SessionId;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.testsupport.ChildProcesses;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.ProcessSignal;
import org.springframework.context.annotation.Bean;
import redis.embedded.RedisServer;

/** Two nodes on a real Redis: what one works on, the other serves. */
class RedisTaskEventsTest extends TaskEventsContract {
  /** A Redis that is slow because the machine is must not count as one that is away. */
  private static final Duration SLOW_MACHINE = Duration.ofSeconds(30);

  private RedisServer server;
  private int port;
  private RedisNode writingNode;
  private RedisNode readingNode;
  private RedisTaskEvents owner;
  private RedisTaskEvents reader;

  @BeforeEach
  void start() throws IOException {
    startServer();
    writingNode = RedisNode.connect("redis://127.0.0.1:" + port, SLOW_MACHINE);
    readingNode = RedisNode.connect("redis://127.0.0.1:" + port, SLOW_MACHINE);
    await().atMost(SOON).until(() -> writingNode.isReachable() && readingNode.isReachable());
    owner = new RedisTaskEvents(new InProcessTaskEvents(KEEP, 100), writingNode, KEEP);
    reader = new RedisTaskEvents(new InProcessTaskEvents(KEEP, 100), readingNode, KEEP);
  }

  /** On a free port; Redis picks none itself, so another may be faster and we look again. */
  private void startServer() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = probe.getLocalPort();
      }
      server =
          RedisServer.newRedisServer()
              .port(port)
              .bind("127.0.0.1")
              .setting("save \"\"")
              .setting("appendonly no")
              .build();
      try {
        server.start();
        return;
      } catch (IOException taken) {
        if (attempt == 5) {
          throw taken;
        }
      }
    }
  }

  @AfterEach
  void stop() throws IOException {
    owner.close();
    reader.close();
    writingNode.close();
    readingNode.close();
    server.stop();
  }

  @Override
  TaskEvents owner() {
    return owner;
  }

  @Override
  TaskEvents reader() {
    return reader;
  }

  @Test
  void servesItsOwnTasksWhileRedisIsAwayAndTellsThatOthersCannotBeRead() throws Exception {
    SessionId task = task();
    owner.publish(task, event(1, TaskEvent.Kind.SUBMITTED));
    server.stop();
    await().atMost(SOON).until(() -> !writingNode.isReachable() && !readingNode.isReachable());

    owner.publish(task, event(2, TaskEvent.Kind.COMPLETED));

    assertThat(owner.after(task, 0))
        .containsExactly(event(1, TaskEvent.Kind.SUBMITTED), event(2, TaskEvent.Kind.COMPLETED));
    assertThat(owner.late()).isEqualTo(1);
    assertThatExceptionOfType(TaskEventsUnavailableException.class)
        .isThrownBy(() -> reader.latest(task));
  }

  @Test
  void anEventThatRedisRefusedIsSentAgain() throws Exception {
    SessionId task = task();
    owner.publish(task, event(1, TaskEvent.Kind.SUBMITTED));
    await().atMost(SOON).until(() -> reader.after(task, 0).size() == 1);
    refuseWrites(true);

    owner.publish(task, event(2, TaskEvent.Kind.COMPLETED));
    readingNode.ask(redis -> redis.ping(), SOON);
    assertThat(reader.after(task, 0)).hasSize(1);
    await().atMost(SOON).until(() -> owner.late() == 1);
    refuseWrites(false);

    await().atMost(SOON).until(() -> reader.after(task, 0).size() == 2);
    await().atMost(SOON).until(() -> reader.latest(task).orElseThrow().seq() == 2);
    // Of its commands several were refused.
    assertThat(owner.late()).isEqualTo(1);
  }

  @Test
  void aNodeThatWasNotToldOfAnErasureForgetsInsteadOfSendingAgain() throws Exception {
    SessionId task = task();
    owner.publish(task, event(1, TaskEvent.Kind.SUBMITTED));
    await().atMost(SOON).until(() -> keysOf(task).size() == 2);
    // What another node's erasure leaves, whose message was lost.
    String erased = "linescribe:files:erased:" + RecordingFolder.hash(task.value());
    readingNode.ask(redis -> redis.set(erased, "1"), SOON);
    refuseWrites(true);
    owner.publish(task, event(2, TaskEvent.Kind.COMPLETED));
    await().atMost(SOON).until(() -> owner.late() > 0);
    // It forgets, and Redis refuses to delete what it has.
    await().atMost(SOON).until(() -> refusedDeletions() > 0);
    assertThat(owner.isOwn(task)).isFalse();
    assertThat(keysOf(task)).hasSize(2);
    refuseWrites(false);

    await().atMost(SOON).until(() -> keysOf(task).isEmpty());
    assertThat(owner.latest(task)).isEmpty();
    assertThat(reader.latest(task)).isEmpty();
  }

  @Test
  void deletesLaterWhatRedisRefusedToDeleteWhenItWasErasedHere() throws Exception {
    SessionId task = task();
    owner.publish(task, event(1, TaskEvent.Kind.COMPLETED));
    await().atMost(SOON).until(() -> keysOf(task).size() == 2);
    readingNode.ask(
        redis -> redis.aclSetuser("default", new AclSetuserArgs().removeCommand(CommandType.DEL)),
        SOON);

    assertThatExceptionOfType(TaskEventsUnavailableException.class)
        .isThrownBy(() -> owner.erase(task));
    assertThat(keysOf(task)).hasSize(2);
    readingNode.ask(
        redis -> redis.aclSetuser("default", new AclSetuserArgs().addCommand(CommandType.DEL)),
        SOON);

    await().atMost(SOON).until(() -> keysOf(task).isEmpty());
  }

  private List<String> keysOf(SessionId task) throws InterruptedException {
    return readingNode.ask(redis -> redis.keys("*" + task.value() + "*"), SOON);
  }

  private long refusedDeletions() throws InterruptedException {
    return readingNode
        .ask(redis -> redis.info("commandstats"), SOON)
        .lines()
        .filter(line -> line.startsWith("cmdstat_del:"))
        .map(line -> line.replaceAll(".*rejected_calls=(\\d+).*", "$1"))
        .mapToLong(Long::parseLong)
        .sum();
  }

  @Test
  void tellsThatATaskCannotBeErasedWhileRedisIsAway() throws Exception {
    SessionId task = task();
    owner.publish(task, event(1, TaskEvent.Kind.COMPLETED));
    server.stop();
    await().atMost(SOON).until(() -> !writingNode.isReachable());

    assertThatExceptionOfType(TaskEventsUnavailableException.class)
        .isThrownBy(() -> owner.erase(task));
    assertThat(owner.latest(task)).as("asked again, it is found").isPresent();
  }

  /** As a cluster that is down, or a master that became a replica, Redis answers with an error. */
  private void refuseWrites(boolean refused) throws Exception {
    readingNode.ask(redis -> redis.configSet("min-replicas-to-write", refused ? "1" : "0"), SOON);
  }

  @Test
  void leavesNothingInRedisForEver() throws Exception {
    SessionId task = task();
    owner.publish(task, event(1, TaskEvent.Kind.SUBMITTED));
    owner.publish(task, event(2, TaskEvent.Kind.PARTIAL));
    await().atMost(SOON).until(() -> reader.after(task, 0).size() == 2);
    for (String key : readingNode.ask(redis -> redis.keys("*"), SOON)) {
      long seconds = readingNode.ask(redis -> redis.ttl(key), SOON);
      assertThat(seconds).as(key).isBetween(1L, KEEP.toSeconds());
    }
  }

  /** Brings the API a node's Redis, as the assembly does. */
  static class OneNode {
    static String url = "";

    @Bean
    RedisNode redisNode() {
      return RedisNode.connect(url);
    }
  }

  private static void signal(String name) throws Exception {
    ProcessSignal.send(name, ChildProcesses.of("redis").getFirst().pid());
  }

  @Test
  void aStreamOfAnotherNodesTaskOutlivesARedisThatIsAwayForAWhile() throws Exception {
    OneNode.url = "redis://127.0.0.1:" + port;
    StuckSessions sessions = new StuckSessions();
    Map<String, Object> often = Map.of("linescribe.files.heartbeat", "1s");
    try (ApiServer first =
            ApiServer.start(sessions, Map.of(), ApiConfiguration.class, OneNode.class);
        ApiServer second =
            ApiServer.start(sessions, often, ApiConfiguration.class, OneNode.class)) {
      HttpResponse<String> accepted =
          new Form()
              .audio("pin.wav", HumanRecording.named("pin-jackson-1.wav").wav())
              .post(first.http("/audio/process"));
      String task = "/audio/task/" + HttpAnswers.json(accepted).get("task_id").asString();
      await().atMost(SOON).until(() -> sessions.at("pin.wav").isPresent());
      await()
          .atMost(SOON)
          .until(() -> HttpAnswers.get(second.http(task)).body().contains("PROCESSING"));
      HttpResponse<Stream<String>> stream =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(second.http(task + "/events"))).build(),
                  HttpResponse.BodyHandlers.ofLines());
      Iterator<String> lines = stream.body().iterator();
      assertThat(lines.next()).contains("\"status\":\"submitted\"");
      try {
        signal("STOP");
        for (int looks = 0; looks < 2; looks++) {
          // The stream looks as often, and cannot read either.
          await().atMost(SOON).until(() -> HttpAnswers.get(second.http(task)).statusCode() == 503);
        }
      } finally {
        signal("CONT");
      }
      sessions.at("pin.wav").orElseThrow().letGo();
      String last = "";
      while (lines.hasNext()) {
        String line = lines.next();
        last = line.isEmpty() ? last : line;
      }
      assertThat(last).contains("\"status\":\"completed\"");
    }
  }

  @Test
  void anyNodeServesThePollingAndTheStreamOfATask() throws Exception {
    OneNode.url = "redis://127.0.0.1:" + port;
    StuckSessions sessions = new StuckSessions();
    try (ApiServer first =
            ApiServer.start(sessions, Map.of(), ApiConfiguration.class, OneNode.class);
        ApiServer second =
            ApiServer.start(sessions, Map.of(), ApiConfiguration.class, OneNode.class)) {
      HttpResponse<String> accepted =
          new Form()
              .audio("pin.wav", HumanRecording.named("pin-jackson-1.wav").wav())
              .post(first.http("/audio/process"));
      String task = "/audio/task/" + HttpAnswers.json(accepted).get("task_id").asString();
      await().atMost(SOON).until(() -> sessions.at("pin.wav").isPresent());
      await()
          .atMost(SOON)
          .until(() -> HttpAnswers.get(second.http(task)).body().contains("PROCESSING"));

      CompletableFuture<String> stream =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return HttpAnswers.get(second.http(task + "/events")).body();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      sessions.at("pin.wav").orElseThrow().letGo();

      assertThat(stream)
          .succeedsWithin(SOON)
          .asString()
          .contains("\"status\":\"submitted\"", "\"status\":\"completed\"");
      assertThat(HttpAnswers.get(second.http(task)).body())
          .isEqualTo(HttpAnswers.get(first.http(task)).body());
    }
  }
}
