package org.linescribe.app.fleet;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.linescribe.testcalls.CallFailedException;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.SentAudio;
import org.linescribe.testcalls.SipCaller;

/**
 * A line of a PBX: one call after the other through the proxy, each a session of its own with a
 * reader at a gateway that has not the call. Thread: one, its own.
 */
final class SipLine implements Runnable {
  private static final long PAUSE_MS = 500;

  private final Fleet fleet;
  private final SipCaller caller;
  private final String name;
  private final List<FleetAudio> recordings;
  private final Random random;
  private final Seen seen;
  private final long untilNs;
  private final List<Call> calls = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  /**
   * An answered call.
   *
   * @param gateway that had it
   * @param answeredNs when it was
   * @param endedNs when it was hung up
   * @param cut whether the gateway ended it, or its audio could not be sent
   */
  record Call(
      String sessionId,
      String words,
      int gateway,
      double setupMs,
      long answeredNs,
      long endedNs,
      boolean cut,
      FleetReader reader) {}

  /**
   * @param name of the line, the beginning of its sessions' ids
   * @param untilNs from when on it places no further call
   */
  SipLine(
      Fleet fleet,
      SipCaller caller,
      String name,
      List<FleetAudio> recordings,
      Random random,
      Seen seen,
      long untilNs) {
    this.fleet = fleet;
    this.caller = caller;
    this.name = name;
    this.recordings = recordings;
    this.random = random;
    this.seen = seen;
    this.untilNs = untilNs;
  }

  @Override
  public void run() {
    try {
      for (int number = 1; System.nanoTime() < untilNs; number++) {
        FleetAudio recording = recordings.get(random.nextInt(recordings.size()));
        long askedNs = System.nanoTime();
        try (OpenCall call = caller.open(name + "-" + number)) {
          play(call, recording, askedNs);
        } catch (CallFailedException refused) {
          synchronized (this) {
            failures.add(refused.status() == 0 ? refused.kind().toString() : "" + refused.status());
          }
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void play(OpenCall call, FleetAudio recording, long askedNs)
      throws CallFailedException, InterruptedException {
    long answeredNs = System.nanoTime();
    int gateway =
        fleet.at(
            call.media()
                .map(InetSocketAddress::getAddress)
                .flatMap(address -> Optional.ofNullable(address.getHostAddress()))
                .orElse(""));
    FleetReader reader =
        new FleetReader(
            fleet,
            call.sessionId(),
            gateway + 1 + random.nextInt(Math.max(1, fleet.size() - 1)),
            seen,
            true);
    boolean cut = true;
    try {
      SentAudio sent = call.play(recording.audio(), FrameClock.system());
      call.hangUp();
      cut = sent.isEndedByPeer();
    } finally {
      // Also where RTP cannot be sent: it was answered, and whoever has the calls closes readers.
      synchronized (this) {
        calls.add(
            new Call(
                call.sessionId(),
                recording.words(),
                gateway,
                (answeredNs - askedNs) / 1e6,
                answeredNs,
                System.nanoTime(),
                cut,
                reader));
      }
    }
  }

  synchronized List<Call> calls() {
    return List.copyOf(calls);
  }

  /** Statuses of the calls that were not answered. */
  synchronized List<String> failures() {
    return List.copyOf(failures);
  }
}
