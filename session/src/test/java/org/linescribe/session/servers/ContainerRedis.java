package org.linescribe.session.servers;

import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** A current Redis in a container; the test is skipped where no engine answers. */
public final class ContainerRedis implements TestRedis {
  private static final int PORT = 6379;
  private final GenericContainer<?> container;

  public ContainerRedis() {
    DockerEngine.assume();
    container =
        new GenericContainer<>(DockerImageName.parse("redis:7.4-alpine")).withExposedPorts(PORT);
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
