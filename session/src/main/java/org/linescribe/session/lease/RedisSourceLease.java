package org.linescribe.session.lease;

import io.lettuce.core.ScriptOutputType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.linescribe.session.SessionId;
import org.linescribe.session.redis.ChannelListener;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.redis.RedisUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease of a fleet. While Redis is unreachable each node decides alone, and the store's unique
 * key is the last guard; a grant made meanwhile is registered when Redis is back, or lost to a
 * newer one. The caller keeps ownership of the RedisNode. Thread: any.
 */
public final class RedisSourceLease implements SourceLease {
  private static final Logger LOG = LoggerFactory.getLogger(RedisSourceLease.class);
  private static final Duration ANSWER_TIME = Duration.ofMillis(500);
  private static final Duration RENEW_EVERY = Duration.ofSeconds(2);
  private static final long ASK_AGAIN_MS = 25;

  private static final String NOW =
      """
      local t = redis.call('TIME')
      local us = t[1] * 1000000 + t[2]
      local ms = math.floor(us / 1000)
      local function field(name) return tonumber(redis.call('HGET', KEYS[1], name) or '0') end
      local function text(number) return string.format('%.0f', number) end
      local function wrote(seq)
        if seq > field('seq') then redis.call('HSET', KEYS[1], 'seq', text(seq)) end
      end
      local function alive() return field('token') > 0 and field('until') > ms end
      local function notify(ticket)
        redis.call('PUBLISH', 'linescribe:lease:' .. redis.call('HGET', KEYS[1], 'node'),
            ARGV[1] .. ' ' .. text(ticket))
      end
      local function hold(token)
        redis.call('HSET', KEYS[1], 'token', text(token), 'node', ARGV[2],
            'until', text(ms + 10000), 'last', text(token), 'claim', ARGV[5])
        redis.call('PEXPIRE', KEYS[1], 86400000)
      end
      """;

  /**
   * Every script gets the session's id and this node's name first; those that hold get the claim as
   * the fifth.
   */
  private static final String REQUEST =
      NOW
          + """
          local claim = redis.call('HGET', KEYS[1], 'claim')
          if alive() and claim and claim ~= ARGV[3] then return {'conflict'} end
          local ticket = math.max(us, field('wanted') + 1, field('last') + 1)
          redis.call('HSET', KEYS[1], 'wanted', text(ticket))
          redis.call('PEXPIRE', KEYS[1], 86400000)
          if alive() then notify(ticket) end
          return {text(ticket)}
          """;

  private static final String TAKE =
      NOW
          + """
          local ticket = tonumber(ARGV[3])
          if field('wanted') > ticket or field('last') > ticket then return {'lost'} end
          if alive() then
            if ARGV[4] == 'wait' then return {'held'} end
            notify(ticket)
          end
          local previous = field('last')
          hold(ticket)
          return {'taken', text(previous), text(field('seq'))}
          """;

  /**
   * Renews, and registers a grant and the number it wrote last that Redis does not know, unless a
   * newer one was made. What Redis has of this node is older: one holder of a session at a time.
   */
  private static final String HOLDS =
      NOW
          + """
          local token = tonumber(ARGV[3])
          local others = alive() and redis.call('HGET', KEYS[1], 'node') ~= ARGV[2]
          if field('token') ~= token and (others or field('last') > token) then return {'lost'} end
          hold(token)
          wrote(tonumber(ARGV[4]))
          if field('wanted') > token then return {'wanted'} end
          return {'held'}
          """;

  private static final String WROTE =
      NOW
          + """
          wrote(tonumber(ARGV[3]))
          redis.call('PEXPIRE', KEYS[1], 86400000)
          return {'ok'}
          """;

  private static final String RELEASE =
      NOW
          + """
          if field('token') == tonumber(ARGV[3]) then
            redis.call('HDEL', KEYS[1], 'token', 'node', 'until', 'claim')
            wrote(tonumber(ARGV[4]))
          end
          return {'ok'}
          """;

  private static final String ELSEWHERE =
      NOW
          + """
          if alive() and redis.call('HGET', KEYS[1], 'node') ~= ARGV[2] then return {'held'} end
          return {'free'}
          """;

  private static final String FORGET =
      NOW
          + """
          if alive() then return {'held'} end
          redis.call('DEL', KEYS[1])
          return {'ok'}
          """;

  private final RedisNode redis;
  private final Clock clock;
  private final Duration answerTime;
  private final Map<SessionId, Holder> held = new ConcurrentHashMap<>();

  /** The newest token of this node, whose own clock may be behind that of Redis. */
  private final AtomicLong newestToken = new AtomicLong();

  private final CountDownLatch closing = new CountDownLatch(1);
  private final Runnable notices;

  public RedisSourceLease(RedisNode redis, Clock clock) {
    this(redis, clock, ANSWER_TIME);
  }

  /**
   * @param answerTime how long Redis may take for an answer before this node decides alone
   */
  public RedisSourceLease(RedisNode redis, Clock clock, Duration answerTime) {
    this.redis = redis;
    this.clock = clock;
    this.answerTime = answerTime;
    this.notices = redis.listen("linescribe:lease:" + redis.name(), new Notices());
    Thread.ofVirtual().name("linescribe-lease-renewal").start(this::renew);
  }

  @Override
  public boolean isHeldElsewhere(SessionId sessionId) throws InterruptedException {
    try {
      return run(ELSEWHERE, sessionId).getFirst().equals("held");
    } catch (RedisUnavailableException down) {
      LOG.debug("Session {}: nobody knows whether another node has it", sessionId, down);
      return false;
    }
  }

  @Override
  public boolean forget(SessionId sessionId) throws InterruptedException {
    return run(FORGET, sessionId).getFirst().equals("ok");
  }

  private static String key(SessionId sessionId) {
    return "linescribe:{" + sessionId + "}:lease";
  }

  private List<String> run(String script, SessionId sessionId, String... arguments)
      throws InterruptedException {
    String[] all = new String[arguments.length + 2];
    all[0] = sessionId.value();
    all[1] = redis.name();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return redis.ask(
        c ->
            c.<List<String>>eval(
                script, ScriptOutputType.MULTI, new String[] {key(sessionId)}, all),
        answerTime);
  }

  @Override
  public Grant acquire(SessionId sessionId, String claim, Duration atMost, Runnable onWanted)
      throws LeaseConflictException, LeaseLostException, InterruptedException {
    try {
      String requested = run(REQUEST, sessionId, claim).getFirst();
      if (requested.equals("conflict")) {
        throw new LeaseConflictException(sessionId);
      }
      long ticket = Long.parseLong(requested);
      newestToken.accumulateAndGet(ticket, Math::max);
      long deadlineNs = System.nanoTime() + atMost.toNanos();
      while (true) {
        boolean force = System.nanoTime() - deadlineNs >= 0;
        List<String> answer =
            run(TAKE, sessionId, Long.toString(ticket), force ? "force" : "wait", claim);
        switch (answer.getFirst()) {
          case "taken" -> {
            Holder mine =
                new Holder(
                    sessionId,
                    claim,
                    ticket,
                    Long.parseLong(answer.get(1)),
                    Long.parseLong(answer.get(2)),
                    onWanted);
            held.put(sessionId, mine);
            return mine;
          }
          case "lost" -> throw new LeaseLostException(sessionId);
          default -> closing.await(ASK_AGAIN_MS, TimeUnit.MILLISECONDS);
        }
      }
    } catch (RedisUnavailableException down) {
      LOG.warn("Session {}: Redis cannot decide who writes; this node goes on", sessionId);
      long nowUs = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
      long token = newestToken.updateAndGet(newest -> Math.max(newest + 1, nowUs));
      // No token comes before an unknown one: -1 matches nothing that anyone remembers.
      Holder alone = new Holder(sessionId, claim, token, -1, 0, onWanted);
      held.put(sessionId, alone);
      return alone;
    }
  }

  private void renew() {
    try {
      while (!closing.await(RENEW_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        // All at once: one server of a cluster that does not answer must not hold up the others.
        try (ExecutorService round = Executors.newVirtualThreadPerTaskExecutor()) {
          held.values().forEach(holder -> round.submit(() -> holder.renew()));
        }
      }
    } catch (InterruptedException stopped) {
      LOG.warn("The renewal of leases was interrupted");
    }
  }

  @Override
  public boolean isReachable() {
    return redis.isReachable();
  }

  @Override
  public void close() {
    closing.countDown();
    notices.run();
  }

  private final class Notices implements ChannelListener {
    @Override
    public void onMessage(String message) {
      int space = message.lastIndexOf(' ');
      if (space > 0 && SessionId.isValid(message.substring(0, space))) {
        Holder holder = held.get(new SessionId(message.substring(0, space)));
        if (holder != null && Long.parseLong(message.substring(space + 1)) > holder.token) {
          holder.notifyWanted();
        }
      }
    }

    @Override
    public void onSubscribed() {
      // The next renewal finds what was missed.
    }
  }

  private final class Holder implements Grant {
    private final SessionId sessionId;
    private final String claim;
    private final long token;
    private final long previousToken;
    private final long writtenSeq;
    private final Runnable onWanted;
    private final AtomicBoolean notified = new AtomicBoolean();
    private final AtomicLong lastWritten = new AtomicLong();
    private volatile boolean lost;

    private Holder(
        SessionId sessionId,
        String claim,
        long token,
        long previousToken,
        long writtenSeq,
        Runnable onWanted) {
      this.sessionId = sessionId;
      this.claim = claim;
      this.token = token;
      this.previousToken = previousToken;
      this.writtenSeq = writtenSeq;
      this.onWanted = onWanted;
    }

    /** Off the event loop: the callback may take locks. */
    private void notifyWanted() {
      if (notified.compareAndSet(false, true)) {
        Thread.ofVirtual().name("linescribe-lease-wanted").start(onWanted);
      }
    }

    /**
     * Under the lock: a renewal after the release would take the session again.
     *
     * @return whether Redis answered
     */
    private synchronized boolean renew() throws InterruptedException {
      try {
        if (held.get(sessionId) != this) {
          return false;
        }
        switch (run(HOLDS, sessionId, Long.toString(token), lastWritten.toString(), claim)
            .getFirst()) {
          case "lost" -> {
            lost = true;
            notifyWanted();
          }
          case "wanted" -> notifyWanted();
          default -> {
            // held
          }
        }
        return true;
      } catch (RedisUnavailableException down) {
        LOG.debug("Session {}: lease not renewed", sessionId, down);
        return false;
      }
    }

    @Override
    public long token() {
      return token;
    }

    @Override
    public long previousToken() {
      return previousToken;
    }

    @Override
    public long writtenSeq() {
      return writtenSeq;
    }

    @Override
    public boolean holds() {
      try {
        renew();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      return !lost && held.get(sessionId) == this;
    }

    @Override
    public boolean isConfirmed() {
      try {
        return renew() && !lost && held.get(sessionId) == this;
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    @Override
    public void wrote(long seq) {
      lastWritten.accumulateAndGet(seq, Math::max);
      redis.send(
          c ->
              c.eval(
                  WROTE,
                  ScriptOutputType.MULTI,
                  new String[] {key(sessionId)},
                  sessionId.value(),
                  redis.name(),
                  Long.toString(seq)));
    }

    @Override
    public void release() {
      boolean released;
      synchronized (this) {
        released = held.remove(sessionId, this);
      }
      if (released) {
        redis.send(
            c ->
                c.eval(
                    RELEASE,
                    ScriptOutputType.MULTI,
                    new String[] {key(sessionId)},
                    sessionId.value(),
                    redis.name(),
                    Long.toString(token),
                    lastWritten.toString()));
      }
    }
  }
}
