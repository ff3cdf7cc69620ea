package org.linescribe.session.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's connections to Redis, which may be down at the start and disconnect at any time.
 *
 * <p>Commands are refused at once while it is unreachable, never queued without bound; channels are
 * subscribed again when it is back. Thread: any.
 */
public final class RedisNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RedisNode.class);
  private static final Duration RECONNECT_EVERY = Duration.ofMillis(250);
  private static final Duration SILENCE = Duration.ofSeconds(1);
  private static final int QUEUE_SIZE = 10_000;

  private final String name = UUID.randomUUID().toString();
  private final Duration silence;
  private final RedisServers servers;
  private final Map<String, List<ChannelListener>> channels = new ConcurrentHashMap<>();

  /** Channels whose subscription was not taken; asked for again until it is. */
  private final Set<String> unsubscribed = ConcurrentHashMap.newKeySet();

  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch firstAttempt = new CountDownLatch(1);
  private volatile boolean silent;
  private volatile RedisServers.@Nullable Commands commands;
  private volatile @Nullable StatefulRedisPubSubConnection<String, String> pubSub;

  private RedisNode(RedisServers servers, Duration silence) {
    this.silence = silence;
    this.servers = servers;
    servers.addListener(new Reconnected());
  }

  /**
   * @param url {@code redis://[:password@]host:port[/db]}; several hosts with commas between and a
   *     master's name: {@code redis-sentinel://…#NAME}; of a cluster {@code redis-cluster://…};
   *     {@code rediss…} for TLS
   * @throws IllegalArgumentException for another form
   */
  public static RedisNode connect(String url) {
    return connect(url, SILENCE);
  }

  /**
   * @param silence how long a connection may leave a question unanswered before it counts as dead
   */
  public static RedisNode connect(String url, Duration silence) {
    return connect(url, silence, QUEUE_SIZE);
  }

  /**
   * @param queueSize commands that may wait for their answers on a connection
   */
  static RedisNode connect(String url, Duration silence, int queueSize) {
    RedisNode node =
        new RedisNode(new RedisServers(url, silence, RECONNECT_EVERY, queueSize), silence);
    Thread.ofVirtual().name("linescribe-redis-connect").start(node::keepConnecting);
    try {
      node.firstAttempt.await(3, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return node;
  }

  /**
   * Lettuce reconnects what was connected once and then closed. The first time is ours, and so is a
   * connection that stands but carries nothing: its host may be gone without a word.
   */
  private void keepConnecting() {
    boolean logged = false;
    try {
      do {
        try {
          if (commands == null) {
            commands = servers.connect();
          }
          if (pubSub == null) {
            StatefulRedisPubSubConnection<String, String> listening = servers.connectPubSub();
            listening.addListener(new MessageDispatch());
            pubSub = listening;
            subscribeAll();
          }
          logged = false;
          replaceSilent();
          subscribeAgain();
        } catch (RuntimeException down) {
          if (!logged) {
            LOG.warn("Redis does not answer; this node goes on alone: {}", down.getMessage());
            logged = true;
          }
        } finally {
          firstAttempt.countDown();
        }
      } while (!closing.await(RECONNECT_EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException stopped) {
      LOG.debug("Connecting to Redis was interrupted");
    }
  }

  private void replaceSilent() throws InterruptedException {
    RedisServers.Commands c = commands;
    StatefulRedisPubSubConnection<String, String> p = pubSub;
    if (c != null && c.isOpen() && isSilent(c.async())) {
      silent = true;
      commands = null;
      c.connection().closeAsync();
    }
    if (p != null && p.isOpen() && isSilent(p.async())) {
      silent = true;
      pubSub = null;
      p.closeAsync();
    }
    if (commands != null && pubSub != null) {
      silent = false;
    }
  }

  private boolean isSilent(RedisClusterAsyncCommands<String, String> connection)
      throws InterruptedException {
    try {
      connection.ping().get(silence.toMillis(), TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException unanswered) {
      return true;
    } catch (RedisException | ExecutionException closed) {
      return servers.isCluster();
    }
  }

  private void subscribeAll() {
    subscribe(channels.keySet().toArray(String[]::new));
  }

  private void subscribe(String... wanted) {
    StatefulRedisPubSubConnection<String, String> listening = pubSub;
    if (listening == null || wanted.length == 0) {
      return;
    }
    List<String> names = List.of(wanted);
    if (!attempt(
        () ->
            listening
                .async()
                .subscribe(wanted)
                .whenComplete(
                    (_, failure) -> {
                      if (failure != null) {
                        unsubscribed.addAll(names);
                      }
                    }))) {
      unsubscribed.addAll(names);
    }
  }

  /**
   * A queue that was full, or a connection that was just lost, must not cost a reader its events.
   */
  private void subscribeAgain() {
    for (String channel : List.copyOf(unsubscribed)) {
      unsubscribed.remove(channel);
      if (channels.containsKey(channel)) {
        subscribe(channel);
      }
    }
  }

  /** This node's name among the others, new at every start. */
  public String name() {
    return name;
  }

  /** Whether both connections stand and answer. */
  public boolean isReachable() {
    RedisServers.Commands c = commands;
    StatefulRedisPubSubConnection<String, String> p = pubSub;
    return !silent && c != null && c.isOpen() && p != null && p.isOpen();
  }

  /** Sends without waiting; false when Redis is away, and then nothing is sent. */
  public boolean send(Function<RedisClusterAsyncCommands<String, String>, RedisFuture<?>> command) {
    RedisServers.Commands c = commands;
    return c != null && c.isOpen() && attempt(() -> command.apply(c.async()));
  }

  private static boolean attempt(Runnable sending) {
    try {
      sending.run();
      return true;
    } catch (RedisException refused) {
      return false;
    }
  }

  /**
   * Sends and waits for the answer.
   *
   * @throws RedisUnavailableException when none comes in time
   */
  public <T> T ask(
      Function<RedisClusterAsyncCommands<String, String>, RedisFuture<T>> command, Duration atMost)
      throws InterruptedException {
    RedisServers.Commands c = commands;
    if (silent || c == null || !c.isOpen()) {
      throw new RedisUnavailableException("Redis is not connected", null);
    }
    try {
      return command.apply(c.async()).get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      // Nobody else waits for it until the next look at the connection. In a cluster the silent one
      // is one server of many, and the sessions of the others go on.
      if (!servers.isCluster()) {
        silent = true;
      }
      throw new RedisUnavailableException("Redis does not answer in time", late);
    } catch (RedisException | ExecutionException failed) {
      throw new RedisUnavailableException("Redis does not answer", failed);
    }
  }

  /** Sends a message to a channel's listeners on all nodes; false when Redis is away. */
  public boolean publish(String channel, String message) {
    return send(commands -> commands.publish(channel, message));
  }

  /** Listens to a channel until the returned registration is run. */
  public Runnable listen(String channel, ChannelListener listener) {
    AtomicBoolean first = new AtomicBoolean();
    channels.compute(
        channel,
        (name, present) -> {
          first.set(present == null);
          List<ChannelListener> all = present == null ? new CopyOnWriteArrayList<>() : present;
          all.add(listener);
          return all;
        });
    // Only now: an answer that came before the map has the channel would find nobody to tell.
    if (first.get()) {
      subscribe(channel);
    }
    return () ->
        channels.computeIfPresent(
            channel,
            (name, present) -> {
              present.remove(listener);
              if (!present.isEmpty()) {
                return present;
              }
              StatefulRedisPubSubConnection<String, String> listening = pubSub;
              if (listening != null && listening.isOpen()) {
                attempt(() -> listening.async().unsubscribe(channel));
              }
              return null;
            });
  }

  @Override
  public void close() {
    closing.countDown();
    servers.close();
  }

  private final class MessageDispatch extends RedisPubSubAdapter<String, String> {
    @Override
    public void message(String channel, String message) {
      channels.getOrDefault(channel, List.of()).forEach(l -> l.onMessage(message));
    }

    @Override
    public void subscribed(String channel, long count) {
      channels.getOrDefault(channel, List.of()).forEach(ChannelListener::onSubscribed);
    }
  }

  /** A channel wanted while Redis was away is unknown to Lettuce, which renews only its own. */
  private final class Reconnected implements RedisConnectionStateListener {
    @Override
    public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
      if (connection == pubSub) {
        subscribeAll();
      }
    }
  }
}
