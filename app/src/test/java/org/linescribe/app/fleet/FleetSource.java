package org.linescribe.app.fleet;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.linescribe.testcalls.FrameClock;

/**
 * A source of {@code WS /ws/transcribe} that says one recording after the other, in real time. When
 * its connection ends it goes on at the next node with what the old one had not taken, as fast as
 * that is read, until it has caught up. Thread: one, its own.
 */
final class FleetSource implements Runnable {
  private static final Duration FLUSH = Duration.ofSeconds(15);
  private static final long PAUSE_MS = 250;
  private static final int NORMAL = 1000;
  private static final int TRY_AGAIN_LATER = 1013;
  private static final int MOST_SILENT_SLICES = 600;

  /**
   * What a gateway may have heard and not yet made a final of: the open utterance, the silence that
   * ends it, and its way to the database. Words that were said longer before a break are safe.
   */
  private static final int IN_FLIGHT_SLICES = 4000 / FleetAudio.SLICE_MS;

  private final Fleet fleet;
  private final String sessionId;
  private final List<FleetAudio> recordings;
  private final Random random;
  private final Seen seen;
  private final long untilNs;
  private final AtomicInteger refusals;
  private final List<String> breaks = new ArrayList<>();
  private final List<Integer> unitStarts = new ArrayList<>();
  private final List<FleetAudio> units = new ArrayList<>();
  private final List<Integer> breakSlices = new ArrayList<>();
  private final List<Integer> safeSlices = new ArrayList<>();

  /** What was sent by this connection before it was answered. */
  private final List<byte[]> connectionsSlices = new ArrayList<>();

  private int node;
  private int slices;
  private NodeSocket socket;

  /**
   * @param node to begin at
   * @param untilNs from when on it begins no further recording
   * @param refusals counts connections that were refused
   */
  FleetSource(
      Fleet fleet,
      String sessionId,
      int node,
      List<FleetAudio> recordings,
      Random random,
      Seen seen,
      long untilNs,
      AtomicInteger refusals) {
    this.fleet = fleet;
    this.sessionId = sessionId;
    this.node = Math.floorMod(node, fleet.size());
    this.recordings = recordings;
    this.random = random;
    this.seen = seen;
    this.untilNs = untilNs;
    this.refusals = refusals;
  }

  @Override
  public void run() {
    FrameClock clock = FrameClock.system();
    try {
      long startNs = clock.nowNs();
      while (clock.nowNs() < untilNs) {
        FleetAudio recording = recordings.get(random.nextInt(recordings.size()));
        unitStarts.add(slices);
        units.add(recording);
        for (byte[] slice : recording.codes()) {
          clock.await(startNs + slices * FleetAudio.SLICE_MS * 1_000_000L);
          send(slice);
          slices++;
        }
      }
      finish();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      if (socket != null) {
        socket.close();
      }
    }
  }

  private void send(byte[] slice) throws InterruptedException {
    if (socket != null && socket.wasAnswered()) {
      connectionsSlices.clear();
    }
    connectionsSlices.add(slice);
    boolean taken = socket != null && socket.send(slice);
    while (!taken) {
      if (socket != null) {
        lost(slice);
      }
      socket = connect();
      taken = true;
      for (byte[] waiting : List.copyOf(connectionsSlices)) {
        taken = taken && socket.send(waiting);
      }
    }
  }

  /** One that was refused after its handshake has taken nothing, whatever was sent to it. */
  private void lost(byte[] slice) {
    if (socket.closeCode() == TRY_AGAIN_LATER && !socket.wasAnswered()) {
      refusals.incrementAndGet();
      node = (node + 1) % fleet.size();
    } else {
      broken();
      connectionsSlices.clear();
      connectionsSlices.add(slice);
    }
  }

  private void broken() {
    breaks.add("%d at gateway %d: %d".formatted(slices, node, socket.closeCode()));
    // What went out since the last sign of life may have been taken by nobody.
    safeSlices.add(slices - IN_FLIGHT_SLICES - (int) (socket.silentMs() / FleetAudio.SLICE_MS));
    breakSlices.add(slices);
    node = (node + 1) % fleet.size();
  }

  /** Closes when it has seen that its session is open. A break is one like any other. */
  private void finish() throws InterruptedException {
    if (socket == null) {
      return;
    }
    byte[] silence = FleetAudio.silence();
    for (int i = 0; i < MOST_SILENT_SLICES && !socket.wasAnswered(); i++) {
      TimeUnit.MILLISECONDS.sleep(FleetAudio.SLICE_MS);
      send(silence);
      slices++;
    }
    socket.finish(FLUSH);
    if (socket.closeCode() != NORMAL) {
      broken();
    }
  }

  private NodeSocket connect() throws InterruptedException {
    while (true) {
      try {
        return NodeSocket.connect(
            fleet.http(),
            URI.create(
                "ws://"
                    + fleet.gateway(node).http()
                    + "/ws/transcribe/"
                    + sessionId
                    + "?codec=pcmu"),
            message -> seen.take(sessionId, message));
      } catch (IOException refused) {
        refusals.incrementAndGet();
        node = (node + 1) % fleet.size();
        TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
      }
    }
  }

  String sessionId() {
    return sessionId;
  }

  int breaks() {
    return breaks.size();
  }

  /** After its end. */
  Sent sent() {
    List<Sent.Unit> said = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      int from = unitStarts.get(i);
      int to = from + units.get(i).codes().size();
      boolean disturbed = false;
      for (int at = 0; at < breakSlices.size(); at++) {
        // The slice of the break itself may have been taken and lost.
        disturbed |= breakSlices.get(at) + 1 >= from && safeSlices.get(at) < to;
      }
      said.add(new Sent.Unit(units.get(i).words(), disturbed));
    }
    return new Sent(sessionId, "socket", said, List.copyOf(breaks));
  }
}
