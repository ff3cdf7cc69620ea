package org.linescribe.api.files;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
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
 * <p>A task is erased on every node: the channel {@code linescribe:files:erasures} tells the
 * others, and a key that lives as long as a task is kept those that missed it.
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
    Map<String, String> fields = RedisTask.fields(event);
    return send(
        delivery,
        commands ->
            commands.xadd(
                RedisTask.events(delivery.taskId),
                new XAddArgs()
                    .id(event.seq() + "-0")
                    .maxlen(2L * InProcessTaskEvents.MAX_PARTIALS)
                    .approximateTrimming(),
                fields));
  }

  /** Stores the task's latest event and extends the life of both keys. */
  private boolean setLatest(Delivery delivery, TaskEvent event) {
    String latest = RedisTask.latest(delivery.taskId);
    return send(delivery, commands -> commands.hset(latest, RedisTask.latestFields(event)))
        && send(delivery, commands -> commands.expire(latest, keep))
        && send(delivery, commands -> commands.expire(RedisTask.events(delivery.taskId), keep));
  }

  private boolean notifyOthers(Delivery delivery, TaskEvent event) {
    return send(
        delivery,
        commands ->
            commands.publish(RedisTask.channel(delivery.taskId), Long.toString(event.seq())));
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
    // First, so that a node that cannot be told now finds it before it sends anything.
    ask(commands -> commands.setex(RedisTask.erased(taskId), keep.toSeconds(), "1"));
    synchronized (unsent) {
      unsent.remove(taskId);
      own.erase(taskId);
      undeleted.add(taskId);
    }
    ask(commands -> commands.del(RedisTask.events(taskId), RedisTask.latest(taskId)));
    undeleted.remove(taskId);
    ask(commands -> commands.publish(ERASURES, taskId.value()));
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
      if (redis.ask(commands -> commands.exists(RedisTask.erased(taskId)), ANSWER_WITHIN) > 0) {
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
          RedisFuture<Long> answer =
              commands.del(RedisTask.events(taskId), RedisTask.latest(taskId));
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
    return ask(
            commands ->
                commands.xrange(
                    RedisTask.events(taskId),
                    Range.from(Range.Boundary.excluding(seq + "-0"), Range.Boundary.unbounded()),
                    Limit.from(MAX_READ)))
        .stream()
        .map(RedisTask::event)
        .toList();
  }

  private <T> T ask(Function<RedisClusterAsyncCommands<String, String>, RedisFuture<T>> command)
      throws InterruptedException {
    try {
      return redis.ask(command, ANSWER_WITHIN);
    } catch (RedisUnavailableException e) {
      throw new TaskEventsUnavailableException(e);
    }
  }

  @Override
  public Optional<TaskEvent> latest(SessionId taskId) throws InterruptedException {
    Optional<TaskEvent> known = own.latest(taskId);
    if (known.isPresent()) {
      return known;
    }
    Map<String, String> fields = ask(commands -> commands.hgetall(RedisTask.latest(taskId)));
    return fields.isEmpty() ? Optional.empty() : Optional.of(RedisTask.latest(fields));
  }

  @Override
  public Registration listen(SessionId taskId, Runnable listener) {
    Registration here = own.listen(taskId, listener);
    Runnable there =
        redis.listen(
            RedisTask.channel(taskId),
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
