package org.linescribe.app;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.wire.TranscriptJson;

/**
 * Another program of the fleet, as Redis shows it the calls: what is published, and what stands in
 * the hashes of current partials while the calls run.
 */
final class RedisObserver implements AutoCloseable {
  private final RedisClient client;
  private final RedisCommands<String, String> commands;
  private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor();
  private final Queue<TranscriptEvent> published = new ConcurrentLinkedQueue<>();
  private final Map<String, String> partials = new ConcurrentHashMap<>();

  RedisObserver(String url) {
    client = RedisClient.create(url);
    commands = client.connect().sync();
    var channels = client.connectPubSub();
    channels.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String pattern, String channel, String message) {
            String content = message.substring(message.indexOf(' ') + 1);
            if (content.startsWith("{")) {
              published.add(TranscriptJson.event(content));
            }
          }
        });
    channels.sync().psubscribe("linescribe:*:events");
    looks.scheduleWithFixedDelay(this::look, 0, 50, TimeUnit.MILLISECONDS);
  }

  private void look() {
    for (String key : commands.keys("linescribe:*:partial")) {
      commands.hgetall(key).forEach((leg, json) -> partials.put(key + " " + leg, json));
    }
  }

  Stream<TranscriptEvent.Partial> partialsPublished(SessionId sessionId) {
    return published.stream()
        .filter(event -> event.sessionId().equals(sessionId))
        .filter(TranscriptEvent.Partial.class::isInstance)
        .map(TranscriptEvent.Partial.class::cast);
  }

  Stream<TranscriptEvent.Final> finalsPublished(SessionId sessionId) {
    return published.stream()
        .filter(event -> event.sessionId().equals(sessionId))
        .filter(TranscriptEvent.Final.class::isInstance)
        .map(TranscriptEvent.Final.class::cast);
  }

  boolean isEndPublished(SessionId sessionId) {
    return published.stream()
        .anyMatch(e -> e instanceof TranscriptEvent.Ended && e.sessionId().equals(sessionId));
  }

  /** The last partial that was seen in a session's hash; null when none was. */
  TranscriptEvent partialSeen(SessionId sessionId, String leg) {
    String json = partials.get(partialKey(sessionId) + " " + leg);
    return json == null ? null : TranscriptJson.event(json);
  }

  /** The keys that hold something of a session now. */
  Set<String> keysOf(SessionId sessionId) {
    return Set.copyOf(commands.keys("linescribe:{" + sessionId + "}:partial"));
  }

  private static String partialKey(SessionId sessionId) {
    return "linescribe:{" + sessionId + "}:partial";
  }

  @Override
  public void close() {
    looks.shutdownNow();
    client.shutdown(0, 2, TimeUnit.SECONDS);
  }
}
