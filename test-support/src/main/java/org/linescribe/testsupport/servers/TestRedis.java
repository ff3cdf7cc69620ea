package org.linescribe.testsupport.servers;

/** A real Redis server of a test's own, reached by loopback. */
public interface TestRedis extends AutoCloseable {
  int port();

  default String url() {
    return "redis://127.0.0.1:" + port();
  }

  @Override
  void close();
}
