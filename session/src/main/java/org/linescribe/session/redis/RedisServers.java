package org.linescribe.session.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.RedisClusterURIUtil;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a URL names: one server, the one that Sentinels say, or a cluster. Lettuce reconnects what
 * was connected once. Thread: any.
 */
final class RedisServers implements AutoCloseable {
  static final String EXPECTED =
      "linescribe.redis.url: expected redis://[:password@]host:port[/db],"
          + " redis-sentinel://[:password@]host:port,…[/db]#NAME or"
          + " redis-cluster://[:password@]host:port,…; rediss…:// for TLS";

  private static final String CLUSTER = "-cluster://";

  /** How long a cluster may have moved slots before that is noticed without an error. */
  private static final Duration TOPOLOGY_EVERY = Duration.ofSeconds(10);

  private final ClientResources resources;
  private final AbstractRedisClient client;

  /** A connection and what is sent by it. */
  record Commands(
      StatefulConnection<String, String> connection,
      RedisClusterAsyncCommands<String, String> async) {
    boolean isOpen() {
      return connection.isOpen();
    }
  }

  /**
   * Connects to nothing yet.
   *
   * @param silence how long a connection may leave a question unanswered
   * @param queueSize commands that may wait for their answers on a connection
   * @throws IllegalArgumentException for a URL of another form
   */
  RedisServers(String url, Duration silence, Duration reconnectEvery, int queueSize) {
    List<RedisURI> uris;
    boolean cluster = url.startsWith("redis" + CLUSTER) || url.startsWith("rediss" + CLUSTER);
    try {
      uris =
          cluster
              ? RedisClusterURIUtil.toRedisURIs(URI.create(url.replaceFirst(CLUSTER, "://")))
              : List.of(RedisURI.create(url));
    } catch (RuntimeException malformed) {
      // Without the cause, whose message may hold the password.
      throw new IllegalArgumentException(EXPECTED);
    }
    Duration atMost = silence.multipliedBy(2);
    // By default a connection whose handshake is not answered is waited for for a minute: begun
    // while the network carries nothing, it would keep this node from Redis long after it is back.
    for (RedisURI uri : uris) {
      uri.setTimeout(atMost);
      uri.getSentinels().forEach(sentinel -> sentinel.setTimeout(atMost));
    }
    resources = ClientResources.builder().reconnectDelay(Delay.constant(reconnectEvery)).build();
    if (cluster) {
      RedisClusterClient clusterClient = RedisClusterClient.create(resources, uris);
      ClusterClientOptions.Builder options = ClusterClientOptions.builder();
      set(options, atMost, queueSize);
      clusterClient.setOptions(
          options
              .topologyRefreshOptions(
                  ClusterTopologyRefreshOptions.builder()
                      .adaptiveRefreshTriggersTimeout(silence)
                      .enablePeriodicRefresh(TOPOLOGY_EVERY)
                      .build())
              .build());
      client = clusterClient;
    } else {
      RedisClient single = RedisClient.create(resources, uris.getFirst());
      ClientOptions.Builder options = ClientOptions.builder();
      set(options, atMost, queueSize);
      single.setOptions(options.build());
      client = single;
    }
  }

  private static void set(ClientOptions.Builder options, Duration timeout, int queueSize) {
    options
        .autoReconnect(true)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .requestQueueSize(queueSize)
        .timeoutOptions(TimeoutOptions.enabled(timeout))
        .socketOptions(
            SocketOptions.builder().connectTimeout(Duration.ofSeconds(1)).keepAlive(true).build());
  }

  void addListener(RedisConnectionStateListener listener) {
    client.addListener(listener);
  }

  /**
   * Whether a connection stays open while no server of it answers: a cluster's is one to many
   * servers.
   */
  boolean isCluster() {
    return client instanceof RedisClusterClient;
  }

  /** Blocks. */
  Commands connect() {
    if (client instanceof RedisClusterClient cluster) {
      StatefulRedisClusterConnection<String, String> connection = cluster.connect();
      return new Commands(connection, connection.async());
    }
    StatefulRedisConnection<String, String> connection = ((RedisClient) client).connect();
    return new Commands(connection, connection.async());
  }

  /** Blocks. In a cluster what is published at any server comes to every one. */
  StatefulRedisPubSubConnection<String, String> connectPubSub() {
    return client instanceof RedisClusterClient cluster
        ? cluster.connectPubSub()
        : ((RedisClient) client).connectPubSub();
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    resources.shutdown(0, 2, TimeUnit.SECONDS);
  }
}
