package org.linescribe.session;

import org.linescribe.testsupport.servers.TestRedis;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** A current Redis in a container. */
public final class ContainerRedis implements TestRedis {
  private static final int PORT = 6379;
  private final GenericContainer<?> container =
      new GenericContainer<>(DockerImageName.parse("redis:7.4-alpine")).withExposedPorts(PORT);

  public ContainerRedis() {
    container.start();
  }

  @Override
  public int port() {
    return container.getMappedPort(PORT);
  }

  @Override
  public void close() {
    container.close();
  }
}
