package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A start on ports that were seen free, as {@code demo} makes it. */
final class StartOnTakenPortTest {
  @TempDir Path data;

  private final AtomicInteger asked = new AtomicInteger();

  private List<String> arguments(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--linescribe.rtp.ports=0",
                "--linescribe.model.name=telephony-digits-en",
                "--linescribe.data=" + data));
    arguments.addAll(List.of(more));
    return arguments;
  }

  @ParameterizedTest
  @ValueSource(strings = {"linescribe.http", "linescribe.sip.bind"})
  void aPortThatIsTakenBetweenTheLookAndTheStartIsChosenAnew(String key) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Optional<RunningGateway> started =
          RunningGateway.startOn(
              () -> {
                int port = asked.getAndIncrement() == 0 ? taken.getLocalPort() : 0;
                String other =
                    key.equals("linescribe.http") ? "linescribe.sip.bind" : "linescribe.http";
                return arguments("--" + key + "=127.0.0.1:" + port, "--" + other + "=127.0.0.1:0");
              });
      assertThat(started).isPresent();
      started.orElseThrow().close();
    }
    assertThat(asked).hasValue(2);
  }

  @Test
  void aStartThatFailsForAnotherReasonIsNotTriedAgain() {
    assertThat(
            RunningGateway.startOn(
                () ->
                    arguments(
                        "--linescribe.http=127.0.0.1:0",
                        "--linescribe.sip.bind=127.0.0.1:0",
                        "--linescribe.access.burst=" + -asked.getAndIncrement())))
        .isEmpty();
    assertThat(asked).hasValue(1);
  }
}
