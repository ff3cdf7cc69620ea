package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.rtp.RtpSession;
import org.linescribe.gateway.sip.SipDialog;

/** What is kept of a call that has ended, while the SIP stack still waits for repetitions. */
final class EndedCallMemoryTest extends CalledGateway {
  private static final int CALLS = 3;

  /** Instances that are reachable; collects the garbage first. */
  private static long count(Class<?> type) {
    try {
      String histogram =
          (String)
              ManagementFactory.getPlatformMBeanServer()
                  .invoke(
                      new ObjectName("com.sun.management:type=DiagnosticCommand"),
                      "gcClassHistogram",
                      new Object[] {new String[0]},
                      new String[] {String[].class.getName()});
      return histogram
          .lines()
          .map(String::strip)
          .map(line -> line.split(" +"))
          .filter(row -> row.length >= 4 && row[3].equals(type.getName()))
          .mapToLong(row -> Long.parseLong(row[1]))
          .sum();
    } catch (JMException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theMediaOfAnEndedCallIsGoneBeforeItsDialogIs() throws Exception {
    long before = count(RtpSession.class);
    for (int call = 0; call < CALLS; call++) {
      try (RawSipPeer caller = new RawSipPeer(gateway.udpAddress())) {
        caller.call("");
        assertThat(count(RtpSession.class)).isGreaterThan(0);
        assertThat(caller.exchange("BYE", "", "").status()).isEqualTo(200);
      }
    }
    await()
        .until(
            () -> registry.counter("linescribe.call.outcomes", "outcome", "bye").count() == CALLS);

    await().until(() -> count(RtpSession.class) <= before);
    assertThat(count(SipDialog.class)).isGreaterThanOrEqualTo(CALLS);
  }
}
