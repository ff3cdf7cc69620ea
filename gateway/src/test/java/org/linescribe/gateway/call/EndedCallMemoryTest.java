package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
    // A timer's task leads to its call, and the call to its dialog: the stack may forget them.
    List<Runnable> dialogs = new CopyOnWriteArrayList<>();
    timers =
        (loop, task, delay) -> {
          dialogs.add(task);
          return TimerScheduler.REAL_TIME.schedule(loop, task, delay);
        };
    restart(settings(10, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    long before = count(RtpSession.class);
    List<RawSipPeer> callers = new ArrayList<>();
    try {
      for (int call = 0; call < CALLS; call++) {
        RawSipPeer caller = new RawSipPeer(gateway.udpAddress());
        callers.add(caller);
        caller.call("");
      }
      assertThat(count(RtpSession.class)).isGreaterThanOrEqualTo(CALLS);
      for (RawSipPeer caller : callers) {
        assertThat(caller.exchange("BYE", "", "").status()).isEqualTo(200);
      }
    } finally {
      callers.forEach(RawSipPeer::close);
    }
    await().until(() -> openCalls() == 0);

    await().until(() -> count(RtpSession.class) <= before);
    assertThat(dialogs).isNotEmpty();
    assertThat(count(SipDialog.class)).isGreaterThanOrEqualTo(CALLS);
  }
}
