package org.linescribe.api.transcribe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.FakeSession;
import org.linescribe.api.WebSocketClient;

/** The document's loop, which sends a frame and waits for a message, beside clients that stream. */
class LockStepTest {
  private static final Duration ANSWER_AFTER = Duration.ofMillis(50);
  private static final long MS = 1_000_000;

  private static TranscribeServer api;

  @BeforeAll
  static void startServer() {
    api = new TranscribeServer();
  }

  @AfterAll
  static void stopServer() {
    api.close();
  }

  @ParameterizedTest
  @CsvSource({"80", "160", "320", "800"})
  void theDocumentsLoopIsAnsweredAtOnce(int frameBytes) throws InterruptedException {
    FakeSession session = api.session("loop-" + frameBytes);
    byte[] frame = new byte[frameBytes];
    int frames = 32_000 / frameBytes;
    try (WebSocketClient client = api.source("loop-" + frameBytes, "?codec=pcmu")) {
      int atOnce = 0;
      for (int i = 0; i < frames; i++) {
        long sentNs = System.nanoTime();
        client.send(frame);
        client.next();
        if (System.nanoTime() - sentNs < ANSWER_AFTER.toNanos()) {
          atOnce++;
        }
      }
      // A timer is never early: what came before the wait was over did not wait. A machine that
      // stalls makes fewer such answers, a server that lets the client wait makes none.
      assertThat(atOnce).isGreaterThan(frames / 10);
    }
    assertThat(session.samples()).isEqualTo(frames * frameBytes);
  }

  @Test
  void aClientThatStreamsIsNotAnsweredPerFrame() {
    LockStep lockStep = new LockStep(ANSWER_AFTER);
    for (int i = 0; i < 500; i++) {
      assertThat(lockStep.frame(160, false, i * 20 * MS)).isEqualTo(ANSWER_AFTER);
    }
  }

  @Test
  void aClientThatWaitedTwiceIsAnsweredAtOnce() {
    LockStep lockStep = new LockStep(ANSWER_AFTER);
    lockStep.frame(160, false, 0);
    lockStep.answeredSilence();
    assertThat(lockStep.frame(160, true, 60 * MS)).isEqualTo(ANSWER_AFTER);
    lockStep.answeredSilence();
    assertThat(lockStep.frame(160, true, 120 * MS)).isZero();
  }

  @Test
  void aStreamThatStalledTwiceIsFoundOutByTheNextProbe() {
    LockStep lockStep = new LockStep(ANSWER_AFTER);
    lockStep.frame(160, false, 0);
    lockStep.answeredSilence();
    lockStep.frame(160, true, 60 * MS);
    lockStep.answeredSilence();
    long nowNs = 120 * MS;
    assertThat(lockStep.frame(160, true, nowNs)).isZero();
    nowNs += LockStep.PROBE_EVERY_NS;
    assertThat(lockStep.frame(160, true, nowNs)).isEqualTo(Duration.ofMillis(40));
    // It sends on although nothing was answered, perhaps after a partial of its own.
    assertThat(lockStep.frame(160, true, nowNs + 20 * MS)).isEqualTo(ANSWER_AFTER);
  }

  @Test
  void aProbeEndsNothingForAClientThatWaits() {
    LockStep lockStep = new LockStep(ANSWER_AFTER);
    lockStep.frame(80, false, 0);
    lockStep.answeredSilence();
    lockStep.frame(80, true, 60 * MS);
    lockStep.answeredSilence();
    long nowNs = 120 * MS + LockStep.PROBE_EVERY_NS;
    assertThat(lockStep.frame(80, true, nowNs)).isEqualTo(Duration.ofMillis(20));
    lockStep.answeredSilence();
    assertThat(lockStep.frame(80, true, nowNs + 25 * MS)).isZero();
  }
}
