package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.session.redis.RedisNode;
import redis.embedded.RedisServer;

/** Two nodes on a real Redis: what one works on, the other serves. */
class RedisTaskEventsTest extends TaskEventsContract {
  private RedisServer server;
  private RedisNode writingNode;
  private RedisNode readingNode;
  private RedisTaskEvents owner;
  private RedisTaskEvents reader;

  @BeforeEach
  void start() throws IOException {
    int port;
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
    server.start();
    writingNode = RedisNode.connect("redis://127.0.0.1:" + port);
    readingNode = RedisNode.connect("redis://127.0.0.1:" + port);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> writingNode.isReachable() && readingNode.isReachable());
    owner = new RedisTaskEvents(new InProcessTaskEvents(KEEP, 100), writingNode, KEEP);
    reader = new RedisTaskEvents(new InProcessTaskEvents(KEEP, 100), readingNode, KEEP);
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
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !writingNode.isReachable() && !readingNode.isReachable());

    owner.publish(task, event(2, TaskEvent.Kind.COMPLETED));

    assertThat(owner.after(task, 0))
        .containsExactly(event(1, TaskEvent.Kind.SUBMITTED), event(2, TaskEvent.Kind.COMPLETED));
    assertThat(owner.lost()).isEqualTo(1);
    assertThatExceptionOfType(TaskEventsUnavailableException.class)
        .isThrownBy(() -> reader.latest(task));
  }

  @Test
  void leavesNothingInRedisForEver() throws Exception {
    SessionId task = task();
    owner.publish(task, event(1, TaskEvent.Kind.SUBMITTED));
    owner.publish(task, event(2, TaskEvent.Kind.PARTIAL));
    await().atMost(Duration.ofSeconds(10)).until(() -> reader.after(task, 0).size() == 2);
    for (String key : readingNode.ask(redis -> redis.keys("*"), Duration.ofSeconds(5))) {
      long seconds = readingNode.ask(redis -> redis.ttl(key), Duration.ofSeconds(5));
      assertThat(seconds).as(key).isBetween(1L, KEEP.toSeconds());
    }
  }
}
