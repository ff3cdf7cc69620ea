package org.linescribe.session.servers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.testcontainers.DockerClientFactory;

/** Whether containers can be had. */
public final class DockerEngine {
  private DockerEngine() {}

  /** Skips the test, in CI too, where no engine answers. */
  public static void assume() {
    assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(),
        "no Docker engine answers here: the contract ran against the other servers only");
  }
}
