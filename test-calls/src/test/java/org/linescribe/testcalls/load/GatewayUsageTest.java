package org.linescribe.testcalls.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class GatewayUsageTest {
  private static final Duration WAIT = Duration.ofMinutes(2);
  private static final double BUSY_S = 0.3;

  /** A parent that waits, so that all the work is its child's. */
  @Test
  void countsWhatItsChildrenUseWhileTheyRun() throws Exception {
    Process parent =
        new ProcessBuilder("/bin/sh", "-c", "(while :; do :; done) & wait; read never").start();
    GatewayUsage usage = GatewayUsage.of(parent.pid());
    try {
      await().atMost(WAIT).until(() -> usage.cpuSeconds() >= BUSY_S);
      double withChild = usage.residentMiB();
      List<ProcessHandle> children = parent.descendants().toList();
      assertThat(children).isNotEmpty();

      children.forEach(ProcessHandle::destroyForcibly);
      await().atMost(WAIT).until(() -> parent.descendants().findAny().isEmpty());

      assertThat(usage.residentMiB()).isPositive().isLessThan(withChild);
      // The system adds the time of a child that has ended to its parent's.
      assertThat(usage.cpuSeconds()).isGreaterThanOrEqualTo(BUSY_S);
    } finally {
      parent.descendants().forEach(ProcessHandle::destroyForcibly);
      parent.destroyForcibly();
    }
  }

  /** A grandchild whose parent has ended belongs to nobody, and its time goes with it. */
  @Test
  void isNeverLessThanBefore() throws Exception {
    Process parent =
        new ProcessBuilder("/bin/sh", "-c", "(while :; do :; done & wait) & wait; read never")
            .start();
    GatewayUsage usage = GatewayUsage.of(parent.pid());
    try {
      await().atMost(WAIT).until(() -> usage.cpuSeconds() >= BUSY_S);
      List<ProcessHandle> descendants = parent.descendants().toList();
      assertThat(descendants).hasSize(2);

      double before = usage.cpuSeconds();
      ProcessHandle child = parent.children().findFirst().orElseThrow();
      ProcessHandle grandchild = child.children().findFirst().orElseThrow();
      child.destroyForcibly();
      await().atMost(WAIT).until(() -> parent.descendants().findAny().isEmpty());
      grandchild.destroyForcibly();

      assertThat(usage.cpuSeconds()).isGreaterThanOrEqualTo(before);
    } finally {
      parent.descendants().forEach(ProcessHandle::destroyForcibly);
      parent.destroyForcibly();
    }
  }

  @Test
  void refusesAProcessThatIsNotThere() {
    assertThatThrownBy(() -> GatewayUsage.of(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--pid: 2147483647");
  }
}
