package org.linescribe.testsupport.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import redis.embedded.RedisServer;

/** The Redis program that comes with the tests. */
public final class OwnRedis implements TestRedis {
  private static final int PORT_TRIES = 10;

  private final RedisServer server;
  private final int port;

  private record Running(RedisServer server, int port) {}

  public OwnRedis() {
    Running running = start();
    server = running.server();
    port = running.port();
  }

  private static Running start() {
    IOException refused = new IOException("no port was tried");
    for (int i = 0; i < PORT_TRIES; i++) {
      int port = FreePort.now();
      try {
        return new Running(startedOn(port), port);
      } catch (IOException taken) {
        // Somebody else may have been given the port meanwhile.
        refused = taken;
      }
    }
    throw new UncheckedIOException(refused);
  }

  private static RedisServer startedOn(int port) throws IOException {
    RedisServer server =
        RedisServer.newRedisServer()
            .port(port)
            .bind("127.0.0.1")
            .setting("save \"\"")
            .setting("appendonly no")
            .build();
    server.start();
    return server;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
