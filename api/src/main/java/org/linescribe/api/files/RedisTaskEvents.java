package org.linescribe.api.files;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.linescribe.session.SessionId;
import org.linescribe.session.redis.ChannelListener;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.redis.RedisUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of every node's tasks: a stream per task, whose ids are the events' numbers, and a
 * channel per task as the bell. Readers of another node's task read here; this node's own tasks are
 * read from memory, so that a client whose file is in work here does not notice when Redis goes
 * away.
 *
 * <p>Keys: {@code linescribe:files:{id}:events} (stream), {@code linescribe:files:{id}:latest}
 * (hash), {@code linescribe:files:{id}} (channel); all expire.
 *
 * <p>Thread: any.
 */
public final class RedisTaskEvents implements TaskEvents {
  private static final Logger LOG = LoggerFactory.getLogger(RedisTaskEvents.class);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
  private static final int MAX_READ = 1000;

  private final InProcessTaskEvents own;
  private final RedisNode redis;
  private final Duration keep;
  private final LongAdder lost = new LongAdder();

  /**
   * @param own this node's tasks; closed with this
   * @param redis borrowed
   */
  public RedisTaskEvents(InProcessTaskEvents own, RedisNode redis, Duration keep) {
    this.own = own;
    this.redis = redis;
    this.keep = keep;
  }

  private static String channel(SessionId taskId) {
    // Braces keep a task's keys in one slot of a cluster.
    return "linescribe:files:{" + taskId.value() + "}";
  }

  private static String eventsKey(SessionId taskId) {
    return channel(taskId) + ":events";
  }

  private static String latestKey(SessionId taskId) {
    return channel(taskId) + ":latest";
  }

  @Override
  public void publish(SessionId taskId, TaskEvent event) {
    Map<String, String> fields = Map.of("kind", event.kind().name(), "json", event.json());
    boolean sent =
        redis.send(
            commands ->
                commands.xadd(
                    eventsKey(taskId),
                    new XAddArgs()
                        .id(event.seq() + "-0")
                        .maxlen(2L * InProcessTaskEvents.MAX_PARTIALS)
                        .approximateTrimming(),
                    fields));
    if (sent && event.kind() != TaskEvent.Kind.PARTIAL) {
      sent =
          redis.send(
                  commands ->
                      commands.hset(
                          latestKey(taskId),
                          Map.of(
                              "seq",
                              Long.toString(event.seq()),
                              "kind",
                              event.kind().name(),
                              "json",
                              event.json())))
              && redis.send(commands -> commands.expire(latestKey(taskId), keep))
              && redis.send(commands -> commands.expire(eventsKey(taskId), keep));
    }
    // One connection keeps the order: whoever hears the bell finds the event.
    sent =
        sent
            && redis.send(
                commands -> commands.publish(channel(taskId), Long.toString(event.seq())));
    if (!sent) {
      if (lost.sum() == 0) {
        LOG.warn("Redis is away: events of tasks reach this node's clients only");
      }
      lost.increment();
    }
    own.publish(taskId, event);
  }

  /** Events that no other node can have. */
  long lost() {
    return lost.sum();
  }

  @Override
  public List<TaskEvent> after(SessionId taskId, long seq) throws InterruptedException {
    if (own.knows(taskId)) {
      return own.after(taskId, seq);
    }
    try {
      return redis
          .ask(
              commands ->
                  commands.xrange(
                      eventsKey(taskId),
                      Range.from(Range.Boundary.excluding(seq + "-0"), Range.Boundary.unbounded()),
                      Limit.from(MAX_READ)),
              ANSWER_WITHIN)
          .stream()
          .map(RedisTaskEvents::event)
          .toList();
    } catch (RedisUnavailableException e) {
      throw new TaskEventsUnavailableException(e);
    }
  }

  private static TaskEvent event(StreamMessage<String, String> message) {
    String id = message.getId();
    return event(id.substring(0, id.indexOf('-')), message.getBody());
  }

  private static TaskEvent event(String seq, Map<String, String> fields) {
    return new TaskEvent(
        Long.parseLong(seq), TaskEvent.Kind.valueOf(fields.get("kind")), fields.get("json"));
  }

  @Override
  public Optional<TaskEvent> latest(SessionId taskId) throws InterruptedException {
    Optional<TaskEvent> known = own.latest(taskId);
    if (known.isPresent()) {
      return known;
    }
    try {
      Map<String, String> fields =
          redis.ask(commands -> commands.hgetall(latestKey(taskId)), ANSWER_WITHIN);
      return fields.isEmpty() ? Optional.empty() : Optional.of(event(fields.get("seq"), fields));
    } catch (RedisUnavailableException e) {
      throw new TaskEventsUnavailableException(e);
    }
  }

  @Override
  public Registration listen(SessionId taskId, Runnable bell) {
    Registration here = own.listen(taskId, bell);
    Runnable there =
        redis.listen(
            channel(taskId),
            new ChannelListener() {
              @Override
              public void onMessage(String message) {
                bell.run();
              }

              @Override
              public void onSubscribed() {
                bell.run();
              }
            });
    return () -> {
      here.close();
      there.run();
    };
  }

  @Override
  public void close() {
    own.close();
  }
}
