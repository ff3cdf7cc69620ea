package org.linescribe.app;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.json.StoredJson;
import org.linescribe.testsupport.servers.TestRedis;

/**
 * Another program of the fleet, as Redis shows it the calls: what is published, and what stands in
 * the hashes of current partials while the calls run.
 */
final class RedisObserver implements AutoCloseable {
  private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern ESCAPED = Pattern.compile("\\\\(.)");

  private final RedisClient client;
  private final RedisCommands<String, String> commands;
  private final Socket commandsTaken;
  private final Queue<TranscriptEvent> published = new ConcurrentLinkedQueue<>();
  private final Map<String, String> partials = new ConcurrentHashMap<>();

  RedisObserver(TestRedis redis) throws IOException {
    client = RedisClient.create(redis.url());
    commands = client.connect().sync();
    var channels = client.connectPubSub();
    channels.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String pattern, String channel, String message) {
            String content = message.substring(message.indexOf(' ') + 1);
            if (content.startsWith("{")) {
              published.add(StoredJson.event(content));
            }
          }
        });
    channels.sync().psubscribe("linescribe:*:events");
    commandsTaken = new Socket(InetAddress.getLoopbackAddress(), redis.port());
    commandsTaken.getOutputStream().write("MONITOR\r\n".getBytes(StandardCharsets.US_ASCII));
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(commandsTaken.getInputStream(), StandardCharsets.UTF_8));
    String answer = lines.readLine();
    if (!"+OK".equals(answer)) {
      throw new IllegalStateException("MONITOR: " + answer);
    }
    Thread.ofVirtual().name("redis-commands").start(() -> watch(lines));
  }

  /** Every command that Redis takes, so that no partial is missed, however short it stood. */
  private void watch(BufferedReader lines) {
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<String> command =
            QUOTED.matcher(line).results().map(word -> plain(word.group(1))).toList();
        if (command.size() == 4
            && command.get(0).equalsIgnoreCase("HSET")
            && command.get(1).endsWith(":partial")) {
          partials.put(command.get(1) + " " + command.get(2), command.get(3));
        }
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static String plain(String quoted) {
    return ESCAPED.matcher(quoted).replaceAll("$1");
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

  /** The last partial that was put into a session's hash; null when none was. */
  TranscriptEvent partialSeen(SessionId sessionId, String leg) {
    String json = partials.get(partialKey(sessionId) + " " + leg);
    return json == null ? null : StoredJson.event(json);
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
    try {
      commandsTaken.close();
    } catch (IOException alreadyGone) {
      // nothing is left to close
    }
    client.shutdown(0, 2, TimeUnit.SECONDS);
  }
}
