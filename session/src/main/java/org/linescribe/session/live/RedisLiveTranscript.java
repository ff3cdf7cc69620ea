package org.linescribe.session.live;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.json.StoredJson;
import org.linescribe.session.redis.ChannelListener;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.redis.RedisUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live transcript of a fleet. Readers on the writer's own node receive it directly, so that
 * they miss nothing while Redis is away; the others read the store again when it is back. The
 * RedisNode stays its maker's. Thread: any.
 */
public final class RedisLiveTranscript implements LiveTranscript {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLiveTranscript.class);
  private static final String WAKE = "wake";

  /** In one: a partial whose node is gone before the second would stand for ever. */
  private static final String REMEMBER =
      """
      redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
      return redis.call('PEXPIRE', KEYS[1], ARGV[3])
      """;

  private static final Duration ANSWER_TIME = Duration.ofMillis(250);
  private static final Duration TELL_AGAIN_EVERY = Duration.ofMillis(500);

  /** Bounds what a Redis that stays away for hours costs; 75 calls a second fill it in 22 min. */
  private static final int MAX_UNTOLD = 100_000;

  private final RedisNode redis;
  private final Duration partialTtl;
  private final InProcessLiveTranscript local;
  private final Counter unsent;
  private final Counter malformed;

  /**
   * Sessions of which other nodes missed a final, an end, or that a final can be read now: their
   * readers do not notice that only this node was cut off.
   */
  private final Set<SessionId> untold = ConcurrentHashMap.newKeySet();

  private final CountDownLatch closing = new CountDownLatch(1);

  public RedisLiveTranscript(
      RedisNode redis, Clock clock, Duration partialTtl, MeterRegistry meters) {
    this.redis = redis;
    this.partialTtl = partialTtl;
    this.local = new InProcessLiveTranscript(clock, partialTtl);
    this.unsent = meters.counter("linescribe.session.live.unsent");
    this.malformed = meters.counter("linescribe.session.live.malformed");
    Thread.ofVirtual().name("linescribe-live-untold").start(this::tellAgain);
  }

  @Override
  public void forget(SessionId sessionId) throws InterruptedException {
    redis.ask(c -> c.del(partialKey(sessionId)), ANSWER_TIME);
  }

  private static String partialKey(SessionId sessionId) {
    return "linescribe:{" + sessionId + "}:partial";
  }

  private static String channel(SessionId sessionId) {
    return "linescribe:{" + sessionId + "}:events";
  }

  @Override
  public void publish(TranscriptEvent event) {
    local.publish(event);
    String key = partialKey(event.sessionId());
    String json = StoredJson.event(event);
    boolean sent =
        switch (event) {
          case TranscriptEvent.Partial partial ->
              partial.text().isEmpty()
                  ? redis.send(c -> c.hdel(key, partial.leg()))
                  : redis.send(c -> remember(c, key, partial.leg(), json));
          case TranscriptEvent.Final fin -> redis.send(c -> c.hdel(key, fin.segment().leg()));
          case TranscriptEvent.Dtmf pressed -> true;
          case TranscriptEvent.Ended ended -> redis.send(c -> c.del(key));
        };
    boolean isStored =
        event instanceof TranscriptEvent.Final || event instanceof TranscriptEvent.Ended;
    tell(event.sessionId(), json, sent, isStored);
  }

  /**
   * @param isStored whether readers elsewhere find it in the store, and must be told to look
   */
  private void tell(SessionId sessionId, String content, boolean sentBefore, boolean isStored) {
    boolean sent =
        sentBefore
            && redis.send(
                c -> {
                  RedisFuture<Long> answer =
                      c.publish(channel(sessionId), redis.name() + " " + content);
                  answer.whenComplete(
                      (_, failure) -> {
                        if (failure != null) {
                          missed(sessionId, isStored);
                        }
                      });
                  return answer;
                });
    if (!sent) {
      missed(sessionId, isStored);
    }
  }

  private void missed(SessionId sessionId, boolean isStored) {
    unsent.increment();
    if (isStored && untold.size() < MAX_UNTOLD) {
      untold.add(sessionId);
    }
  }

  private void tellAgain() {
    try {
      while (!closing.await(TELL_AGAIN_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        if (redis.isReachable()) {
          for (SessionId sessionId : untold) {
            untold.remove(sessionId);
            tell(sessionId, WAKE, true, true);
          }
        }
      }
    } catch (InterruptedException stopped) {
      LOG.warn("Readers elsewhere are no longer told what they missed");
    }
  }

  private RedisFuture<?> remember(
      RedisClusterAsyncCommands<String, String> redisCommands,
      String key,
      String leg,
      String json) {
    return redisCommands.eval(
        REMEMBER,
        ScriptOutputType.INTEGER,
        new String[] {key},
        leg,
        json,
        Long.toString(partialTtl.toMillis()));
  }

  @Override
  public void wake(SessionId sessionId) {
    local.wake(sessionId);
    tell(sessionId, WAKE, true, true);
  }

  @Override
  public List<TranscriptEvent.Partial> current(SessionId sessionId) {
    List<TranscriptEvent.Partial> here = local.current(sessionId);
    if (!here.isEmpty()) {
      return here;
    }
    try {
      List<TranscriptEvent.Partial> partials = new ArrayList<>();
      for (String json : redis.ask(c -> c.hvals(partialKey(sessionId)), ANSWER_TIME)) {
        if (StoredJson.event(json) instanceof TranscriptEvent.Partial partial) {
          partials.add(partial);
        }
      }
      partials.sort(Comparator.comparing(TranscriptEvent.Partial::leg));
      return partials;
    } catch (RedisUnavailableException | IllegalArgumentException unusable) {
      LOG.debug("Session {}: no current partial from Redis", sessionId, unusable);
      return List.of();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  @Override
  public Registration subscribe(SessionId sessionId, LiveListener listener) {
    Registration here = local.subscribe(sessionId, listener);
    Runnable there = redis.listen(channel(sessionId), new RemoteMessages(listener));
    return () -> {
      there.run();
      here.close();
    };
  }

  @Override
  public boolean isReachable() {
    return redis.isReachable();
  }

  @Override
  public void close() {
    closing.countDown();
    local.close();
  }

  private final class RemoteMessages implements ChannelListener {
    private final LiveListener listener;

    private RemoteMessages(LiveListener listener) {
      this.listener = listener;
    }

    @Override
    public void onMessage(String message) {
      int space = message.indexOf(' ');
      if (space > 0 && message.substring(0, space).equals(redis.name())) {
        return;
      }
      String content = message.substring(space + 1);
      if (content.equals(WAKE)) {
        listener.onGap();
        return;
      }
      TranscriptEvent event;
      try {
        event = StoredJson.event(content);
      } catch (IllegalArgumentException foreign) {
        malformed.increment();
        return;
      }
      listener.onEvent(event);
    }

    @Override
    public void onSubscribed() {
      listener.onGap();
    }
  }
}
