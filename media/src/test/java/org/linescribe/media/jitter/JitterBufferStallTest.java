package org.linescribe.media.jitter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A network that holds packets back and then delivers them: latency, and never a word. */
final class JitterBufferStallTest {
  private static final int PACKET_SAMPLES = 160;
  private static final int PACKET_MS = 20;

  private SimulatedCall call = new SimulatedCall();
  private final ByteArrayOutputStream delivered = new ByteArrayOutputStream();
  private double lineFreeMs;

  /** Sends one packet of the timeline over a line that keeps the order. */
  private void send(double sentMs, double notBeforeMs, long sample) {
    lineFreeMs = Math.max(lineFreeMs, Math.max(sentMs, notBeforeMs));
    byte[] codes = SimulatedCall.codes(sample, PACKET_SAMPLES);
    call.packet(lineFreeMs, false, SimulatedCall.PCMU, codes, PACKET_SAMPLES);
    delivered.writeBytes(codes);
  }

  private void assertAllAudioArrived(String context) {
    call.assertAudioIs(delivered.toByteArray(), context);
    assertThat(call.counters().late()).as(context).isZero();
    assertThat(call.counters().lost()).as(context).isZero();
    assertThat(call.counters().trimmedSamples()).as(context).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 100, 200, 260, 500, 1000, 1400, 1600, 2000, 3000, 5000})
  void stallWithinThePatienceLeavesNoTrace(int stallMs) {
    for (int i = 0; i < 400; i++) {
      double sent = PACKET_MS * i;
      send(sent, sent >= 2000 && sent < 2000 + stallMs ? 2000 + stallMs : 0, 160L * i);
    }
    call.runTo(2000 + stallMs + 20);

    // Faster than real time: all that was held back is passed on when it arrives.
    assertThat(call.lengthSamples()).isEqualTo((2000 + stallMs + 40) / PACKET_MS * PACKET_SAMPLES);

    call.runTo(8000);
    assertAllAudioArrived("stall of " + stallMs + " ms");
    call.assertEverySampleInItsPlace("stall of " + stallMs + " ms");
    assertThat(call.lengthSamples()).isEqualTo(400 * PACKET_SAMPLES);
  }

  @Test
  void severalStallsLeaveNoTrace() {
    for (long seed = 1; seed <= 60; seed++) {
      Random dice = new Random(seed);
      JitterBufferStallTest line = new JitterBufferStallTest();
      double stalledUntil = 0;
      for (int i = 0; i < 1500; i++) {
        double sent = PACKET_MS * i;
        if (sent > stalledUntil && dice.nextInt(60) == 0) {
          stalledUntil = sent + 60 + dice.nextInt(4940);
        }
        line.send(sent + dice.nextInt(30), stalledUntil, 160L * i);
      }
      line.call.runTo(line.lineFreeMs + 100);

      line.assertAllAudioArrived("seed " + seed);
      line.call.assertEverySampleInItsPlace("seed " + seed);
    }
  }

  @Test
  void packetsLostOrSwappedAtTheEdgesOfAStallCostOnlyWhatWasLost() {
    for (long seed = 100; seed < 160; seed++) {
      Random dice = new Random(seed);
      SimulatedCall impaired = new SimulatedCall();
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      int stallMs = 60 + dice.nextInt(4940);
      int first = 2000 / PACKET_MS;
      int last = first + stallMs / PACKET_MS;
      int lost = 0;
      for (int i = 0; i < 500; i++) {
        double sent = PACKET_MS * i;
        boolean edge = Math.abs(i - first) <= 2 || Math.abs(i - last) <= 2;
        byte[] codes = SimulatedCall.codes(160L * i, PACKET_SAMPLES);
        if (edge && dice.nextInt(4) == 0) {
          impaired.lose(PACKET_SAMPLES);
          lost++;
          continue;
        }
        double arrival = i >= first ? Math.max(sent, 2000 + stallMs + 0.1 * (i - first)) : sent;
        // Overtaken by the next packet, in the burst too.
        double swapped = !edge || dice.nextBoolean() ? 0 : arrival > sent ? 0.15 : 25;
        impaired.packet(arrival + swapped, false, SimulatedCall.PCMU, codes, PACKET_SAMPLES);
        expected.writeBytes(codes);
      }
      impaired.runTo(10_200);

      String context = "seed " + seed + ", stall of " + stallMs + " ms";
      impaired.assertAudioIs(expected.toByteArray(), context);
      assertThat(impaired.counters().late()).as(context).isZero();
      assertThat(impaired.counters().lost()).as(context).isEqualTo(lost);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 100, 250, 400})
  void burstsAsOfWirelessNetworksLeaveNoTrace(int burstMs) {
    Random dice = new Random(burstMs);
    for (int i = 0; i < 3000; i++) {
      double sent = PACKET_MS * i;
      send(sent, Math.ceil(sent / burstMs) * burstMs + dice.nextInt(20), 160L * i);
    }
    call.runTo(lineFreeMs + 100);

    assertAllAudioArrived("bursts of " + burstMs + " ms");
    call.assertEverySampleInItsPlace("bursts of " + burstMs + " ms");
  }

  @ParameterizedTest
  @CsvSource({"10000", "-10000", "3000", "-3000"})
  void clockDriftOfAPercentForTenMinutesLosesNothing(double skewPpm) {
    Random dice = new Random(7);
    double packetMs = PACKET_MS / (1 + skewPpm / 1e6);
    double stalledUntil = 0;
    int packets = (int) (600_000 / packetMs);
    for (int i = 0; i < packets; i++) {
      double sent = packetMs * i;
      if (sent > stalledUntil && dice.nextInt(500) == 0) {
        stalledUntil = sent + 60 + dice.nextInt(1000);
      }
      send(sent + dice.nextInt(30), stalledUntil, 160L * i);
    }
    double endMs = Math.max(lineFreeMs, packetMs * packets);
    call.runTo(endMs).finish(endMs);

    assertAllAudioArrived(skewPpm + " ppm");
    call.assertEverySampleInItsPlace(skewPpm + " ppm");
    // The clock follows the sender's within ten seconds of drift.
    assertThat(call.lengthSamples() - (long) packets * PACKET_SAMPLES)
        .isBetween(0L, Math.round(Math.abs(skewPpm) / 1e6 * 10_000 * 8) + 8 * PACKET_SAMPLES);
  }

  /** Talkspurts of 2 s and pauses of 1 s, five minutes, a long stall in every fifth talkspurt. */
  @Test
  void timelineOfASourceThatPausesIsTrueAgainAfterStallsBeyondThePatience() {
    JitterSettings impatient =
        new JitterSettings(
            JitterSettings.DEFAULT_REORDER_WAIT,
            JitterSettings.DEFAULT_SILENCE_PATIENCE,
            Duration.ZERO);
    for (long seed = 200; seed < 210; seed++) {
      Random dice = new Random(seed);
      JitterBufferStallTest line = new JitterBufferStallTest();
      line.call = new SimulatedCall(impatient);
      double stalledUntil = 0;
      long timestamp = line.call.timestamp;
      for (int spurt = 0; spurt < 100; spurt++) {
        double from = 3000.0 * spurt;
        line.call.timestamp = timestamp + 24_000L * spurt;
        if (spurt % 5 == 1 && spurt < 90) {
          stalledUntil = from + 500 + 700 + dice.nextInt(2000);
        }
        for (int i = 0; i < 100; i++) {
          double sent = from + PACKET_MS * i;
          boolean stalled = sent >= from + 500 && sent < stalledUntil || sent < stalledUntil - 2000;
          line.send(
              sent + dice.nextInt(40), stalled ? stalledUntil : 0, 24_000L * spurt + 160L * i);
        }
      }
      line.call.runTo(299_990).finish(300_000);

      line.assertAllAudioArrived("seed " + seed);
      assertThat(line.call.counters().movedSamples()).as("seed %d", seed).isPositive();
      assertThat(line.call.lengthSamples() / 8).as("seed %d: ms", seed).isBetween(299_900, 300_100);
    }
  }
}
