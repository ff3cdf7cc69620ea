package org.linescribe.api.files;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.linescribe.session.SessionId;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.redis.ChannelListener;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.redis.RedisUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of every node's tasks: a stream per task, whose ids are the events' numbers, and a
 * channel per task for the notifications. Readers of another node's task read here; this node's own
 * tasks are read from memory, so that the client of a local task does not notice when Redis is
 * unreachable. Events that could not be sent are sent when Redis is reachable again; readers on
 * other nodes may miss some in the middle of a task, never its end.
 *
 * <p>Keys: {@code linescribe:files:{id}:events} (stream), {@code linescribe:files:{id}:latest}
 * (hash), {@code linescribe:files:{id}} (channel); all expire. A task is erased on every node: the
 * channel {@code linescribe:files:erasures} tells the others, and {@code
 * linescribe:files:erased:HASH}, which lives as long as a task is kept, those that missed it.
 *
 * <p>Thread: any.
 */
public final class RedisTaskEvents implements TaskEvents {
  private static final Logger LOG = LoggerFactory.getLogger(RedisTaskEvents.class);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
  private static final Duration SEND_AGAIN_EVERY = Duration.ofMillis(500);
  private static final int MAX_READ = 1000;
  private static final String ERASURES = "linescribe:files:erasures";

  private final InProcessTaskEvents own;
  private final RedisNode redis;
  private final Duration keep;
  private final LongAdder late = new LongAdder();
  private final Runnable erasures;

  /** Tasks with events that Redis lacks; also the lock that orders everything that is sent. */
  private final Set<SessionId> unsent = ConcurrentHashMap.newKeySet();

  /** Tasks that are erased here, whose events Redis may still have. */
  private final Set<SessionId> undeleted = ConcurrentHashMap.newKeySet();

  private final ScheduledExecutorService sender =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("files-redis").factory());

  /**
   * @param own this node's tasks; closed with this
   * @param redis borrowed
   */
  public RedisTaskEvents(InProcessTaskEvents own, RedisNode redis, Duration keep) {
    this.own = own;
    this.redis = redis;
    this.keep = keep;
    this.erasures = redis.listen(ERASURES, new ErasureListener());
    sender.scheduleWithFixedDelay(
        this::sendAgain,
        SEND_AGAIN_EVERY.toMillis(),
        SEND_AGAIN_EVERY.toMillis(),
        TimeUnit.MILLISECONDS);
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

  /** Events of a task on their way: an event is late once, whichever of its commands fail. */
  private final class Delivery {
    private final SessionId taskId;
    private final AtomicBoolean isLate;

    /**
     * @param isLate whether they were counted as late before
     */
    Delivery(SessionId taskId, boolean isLate) {
      this.taskId = taskId;
      this.isLate = new AtomicBoolean(isLate);
    }

    /** Thread: any, also the connection's. */
    void failed() {
      if (!isLate.getAndSet(true)) {
        if (late.sum() == 0) {
          LOG.warn("Redis takes no events of tasks now: other nodes get them when it does");
        }
        late.increment();
      }
      unsent.add(taskId);
    }
  }

  @Override
  public void publish(SessionId taskId, TaskEvent event) {
    // One lock keeps repeated events in order with new ones.
    synchronized (unsent) {
      if (own.isErased(taskId)) {
        own.publish(taskId, event);
        return;
      }
      Delivery delivery = new Delivery(taskId, false);
      if (!send(delivery, event)) {
        delivery.failed();
      }
      own.publish(taskId, event);
    }
  }

  private boolean send(Delivery delivery, TaskEvent event) {
    return add(delivery, event)
        && (event.kind() == TaskEvent.Kind.PARTIAL || setLatest(delivery, event))
        // One connection keeps the order: a notified reader finds the event.
        && notifyOthers(delivery, event);
  }

  private boolean add(Delivery delivery, TaskEvent event) {
    Map<String, String> fields = fields(event);
    return send(
        delivery,
        commands ->
            commands.xadd(
                eventsKey(delivery.taskId),
                new XAddArgs()
                    .id(event.seq() + "-0")
                    .maxlen(2L * InProcessTaskEvents.MAX_PARTIALS)
                    .approximateTrimming(),
                fields));
  }

  private static Map<String, String> fields(TaskEvent event) {
    Map<String, String> fields = new HashMap<>();
    fields.put("kind", event.kind().name());
    fields.put("json", event.json());
    event.owner().ifPresent(owner -> fields.put("owner", owner));
    return fields;
  }

  /** Stores the task's latest event and extends the life of both keys. */
  private boolean setLatest(Delivery delivery, TaskEvent event) {
    String latest = latestKey(delivery.taskId);
    Map<String, String> fields = fields(event);
    fields.put("seq", Long.toString(event.seq()));
    return send(delivery, commands -> commands.hset(latest, fields))
        && send(delivery, commands -> commands.expire(latest, keep))
        && send(delivery, commands -> commands.expire(eventsKey(delivery.taskId), keep));
  }

  private boolean notifyOthers(Delivery delivery, TaskEvent event) {
    return send(
        delivery,
        commands -> commands.publish(channel(delivery.taskId), Long.toString(event.seq())));
  }

  /** Does not wait; the events of a task with a failed command are sent again. */
  private boolean send(
      Delivery delivery,
      Function<RedisClusterAsyncCommands<String, String>, RedisFuture<?>> command) {
    return redis.send(
        commands -> {
          RedisFuture<?> answer = command.apply(commands);
          answer.whenComplete(
              (_, failed) -> {
                if (failed != null && !isThereAlready(failed)) {
                  delivery.failed();
                }
              });
          return answer;
        });
  }

  /**
   * Redis rejects an event that it has already, whose number is not new. Its other errors
   * (READONLY, CLUSTERDOWN, LOADING) leave the event unsent.
   */
  private static boolean isThereAlready(Throwable failed) {
    String message = failed.getMessage();
    return failed instanceof RedisCommandExecutionException
        && message != null
        && message.contains("specified in XADD");
  }

  private void sendAgain() {
    try {
      if (!redis.isReachable()) {
        return;
      }
      undeleted.forEach(this::delete);
      if (unsent.isEmpty()) {
        return;
      }
      forgetErased(List.copyOf(unsent));
      synchronized (unsent) {
        for (SessionId taskId : unsent) {
          // Added again where this fails too.
          unsent.remove(taskId);
          Delivery delivery = new Delivery(taskId, true);
          boolean sent = own.after(taskId, 0).stream().allMatch(event -> add(delivery, event));
          Optional<TaskEvent> latest = own.latest(taskId);
          if (latest.isPresent()
              && !(sent
                  && setLatest(delivery, latest.get())
                  && notifyOthers(delivery, latest.get()))) {
            delivery.failed();
          }
        }
      }
    } catch (RedisUnavailableException away) {
      LOG.debug("Events of tasks are sent again later: {}", away.toString());
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException bug) {
      LOG.error("Events of tasks cannot be sent again", bug);
    }
  }

  @Override
  public boolean isOwn(SessionId taskId) {
    return own.isOwn(taskId);
  }

  @Override
  public void erase(SessionId taskId) throws InterruptedException {
    try {
      // First, so that a node that cannot be told now finds it before it sends anything.
      redis.ask(
          commands -> commands.setex(erasedKey(taskId), keep.toSeconds(), "1"), ANSWER_WITHIN);
      synchronized (unsent) {
        unsent.remove(taskId);
        own.erase(taskId);
        undeleted.add(taskId);
      }
      redis.ask(commands -> commands.del(eventsKey(taskId), latestKey(taskId)), ANSWER_WITHIN);
      undeleted.remove(taskId);
      redis.ask(commands -> commands.publish(ERASURES, taskId.value()), ANSWER_WITHIN);
    } catch (RedisUnavailableException e) {
      throw new TaskEventsUnavailableException(e);
    }
  }

  private static String erasedKey(SessionId taskId) {
    return "linescribe:files:erased:" + RecordingFolder.hash(taskId.value());
  }

  /** Another node erased a task; or erasures may have been missed. */
  private final class ErasureListener implements ChannelListener {
    @Override
    public void onMessage(String message) {
      sender.execute(() -> forget(new SessionId(message)));
    }

    @Override
    public void onSubscribed() {
      sender.execute(
          () -> {
            try {
              forgetErased(own.tasks());
            } catch (RedisUnavailableException away) {
              LOG.debug("Erasures are looked for at the next connection: {}", away.toString());
            } catch (InterruptedException closing) {
              Thread.currentThread().interrupt();
            }
          });
    }
  }

  private void forgetErased(List<SessionId> tasks)
      throws RedisUnavailableException, InterruptedException {
    for (SessionId taskId : tasks) {
      if (redis.ask(commands -> commands.exists(erasedKey(taskId)), ANSWER_WITHIN) > 0) {
        forget(taskId);
      }
    }
  }

  /** What this node sent between the other's deletion and its message is deleted too. */
  private void forget(SessionId taskId) {
    synchronized (unsent) {
      if (own.isOwn(taskId)) {
        unsent.remove(taskId);
        own.erase(taskId);
        undeleted.add(taskId);
        delete(taskId);
      }
    }
  }

  /** Does not wait; repeated until Redis has deleted it, which may refuse that for a while. */
  private void delete(SessionId taskId) {
    redis.send(
        commands -> {
          RedisFuture<Long> answer = commands.del(eventsKey(taskId), latestKey(taskId));
          answer.thenRun(() -> undeleted.remove(taskId));
          return answer;
        });
  }

  /** Events that reached other nodes late. */
  long late() {
    return late.sum();
  }

  @Override
  public List<TaskEvent> after(SessionId taskId, long seq) throws InterruptedException {
    if (own.isOwn(taskId)) {
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
        Long.parseLong(seq),
        TaskEvent.Kind.valueOf(fields.get("kind")),
        Optional.ofNullable(fields.get("owner")),
        fields.get("json"));
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
  public Registration listen(SessionId taskId, Runnable listener) {
    Registration here = own.listen(taskId, listener);
    Runnable there =
        redis.listen(
            channel(taskId),
            new ChannelListener() {
              @Override
              public void onMessage(String message) {
                listener.run();
              }

              @Override
              public void onSubscribed() {
                listener.run();
              }
            });
    return () -> {
      here.close();
      there.run();
    };
  }

  @Override
  public void close() {
    erasures.run();
    sender.shutdownNow();
    own.close();
  }
}
