package org.linescribe.media.jitter;

import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.dtmf.TelephoneEventTracker;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.media.rtp.SequenceNumberExtender;
import org.linescribe.media.rtp.TimestampExtender;

/**
 * Puts one leg's RTP packets in order and tells a {@link JitterSink} a timeline without gaps, for
 * recognition: what is in order is released at once, a packet behind a missing one waits at most
 * the window, and lost or silent time becomes silence of the same length. Nothing is concealed.
 *
 * <p>Positions are samples at 8 kHz from {@link #begin}, or from the first packet. A packet's
 * position is its extended timestamp less an offset, which is set when the source is anchored:
 *
 * <ul>
 *   <li>A packet of another SSRC, of a number far from the sequence (RFC 3550 §A.1), or of a
 *       timestamp that neither the sequence nor the wall clock explains, is held until a second one
 *       follows it; then the source is anchored anew, at the wall clock's position. So a jump of an
 *       hour costs no hour of silence, and a stray packet costs nothing.
 *   <li>A source whose timestamps stood still (hold) is anchored anew at its marker bit, or when it
 *       kept coming late at an even pace for a window.
 * </ul>
 *
 * <p>When nothing comes, {@link #tick} lets the time pass: the timeline follows the wall clock, a
 * window behind. A packet that comes after its time was filled is dropped as late.
 *
 * <p>Ownership: packets are borrowed. Thread: the session's event loop; call {@code tick} after the
 * packets that were waiting in the socket, about every 20 ms. Errors: nothing from the wire throws.
 * Source: RFC 3550 §A.1, RFC 3389, RFC 4733 §2.5.
 */
public final class JitterBuffer {
  /** Most payload that a packet may have: 200 ms. */
  public static final int MAX_PAYLOAD_BYTES = 1600;

  private static final int MAX_DROPOUT = 3000;
  private static final int MAX_MISORDER = 100;
  private static final int MAX_FOLLOW = 10;

  /** A timestamp may be that far from what sequence and clock say: 500 ms. */
  private static final long JUMP_SAMPLES = 4000;

  /** No network holds packets back for longer; a source that is later restarted: 10 s. */
  private static final long STALL_SAMPLES = 80_000;

  private final long windowNs;
  private final long windowSamples;
  private final JitterSink sink;
  private final JitterCounters counters = new JitterCounters();
  private final SlotQueue queue = new SlotQueue();
  private final SeenNumbers seen = new SeenNumbers();
  private final SequenceNumberExtender sequence = new SequenceNumberExtender();
  private final TimestampExtender timestamps = new TimestampExtender();
  private final TelephoneEventTracker events = new TelephoneEventTracker();
  private final TransitClock clock = new TransitClock();
  private final LateRun lateRun = new LateRun();

  private PayloadMap payloads;

  /** Length of the timeline told so far; the position of the next sample. */
  private long head;

  /** The anchored source: whose it is, and its extended timestamp at position 0. */
  private boolean anchored;

  private long ssrc;
  private long offset;

  /** Extended sequence numbers: of the packet to release next, and of the newest that came. */
  private long nextSequence;

  private long newestSequence;

  /** Where the newest packet ends, and how long it is. */
  private long newestEnd;

  private int newestSamples;

  /** A packet that does not belong to the source, until the next one tells what it is. */
  private @Nullable Slot suspect;

  public JitterBuffer(JitterSettings settings, PayloadMap payloads, JitterSink sink) {
    this.windowNs = settings.window().toNanos();
    this.windowSamples = windowNs / TransitClock.NS_PER_SAMPLE;
    this.payloads = payloads;
    this.sink = sink;
  }

  public JitterCounters counters() {
    return counters;
  }

  /** Length of the timeline told so far. */
  public long positionSamples() {
    return head;
  }

  /** Payload types as negotiated anew; packets that wait keep their meaning. */
  public void payloads(PayloadMap map) {
    payloads = map;
  }

  /**
   * Lets the timeline begin now, before any packet, so that it is the call's and not the first
   * packet's. Without it the first packet is at 0.
   */
  public void begin(long nowNs) {
    if (!clock.isStarted()) {
      clock.start(0, nowNs);
    }
  }

  /** Takes a packet that arrived now, and releases what it completes. */
  public void offer(RtpPacket packet, long nowNs) {
    counters.received++;
    if (packet.payloadBytes() > MAX_PAYLOAD_BYTES) {
      counters.oversized++;
      return;
    }
    Slot slot = queue.obtain();
    slot.take(packet, payloads.kind(packet.payloadType()), nowNs);
    if (anchored && slot.ssrc == ssrc && isPlausible(slot)) {
      dropSuspect();
      accept(slot);
    } else if (!slot.isTimed()) {
      counters.stray++;
      queue.recycle(slot);
    } else if (!anchored) {
      anchor(slot);
      accept(slot);
    } else {
      doubt(slot);
    }
    release(nowNs);
  }

  /** Lets time pass: gives up what is overdue, and fills the silence of a source that is quiet. */
  public void tick(long nowNs) {
    release(nowNs);
    if (clock.isStarted() && queue.isEmpty()) {
      fillSilence(clock.positionAt(nowNs) - windowSamples);
    }
  }

  /** Ends the timeline now: everything that waits is released, and silence fills it up to now. */
  public void finish(long nowNs) {
    drain();
    dropSuspect();
    if (clock.isStarted()) {
      fillSilence(clock.positionAt(nowNs));
    }
  }

  private boolean isPlausible(Slot slot) {
    int ahead = ahead(slot);
    if (leavesSequence(ahead)) {
      return false;
    }
    if (!slot.isTimed()) {
      return true;
    }
    long position = timestamps.preview(slot.timestamp) - offset;
    long bySequence = newestEnd + (long) Math.max(0, ahead - 1) * newestSamples;
    long byClock = clock.positionAt(slot.arrivalNs);
    return position <= Math.max(bySequence, byClock) + JUMP_SAMPLES
        && position >= head - STALL_SAMPLES;
  }

  private int ahead(Slot slot) {
    return (short) (slot.sequenceNumber - (int) newestSequence);
  }

  private static boolean leavesSequence(int ahead) {
    return ahead >= MAX_DROPOUT || ahead < -MAX_MISORDER;
  }

  /** Holds a packet that does not belong; the second of a kind proves a new or restarted source. */
  private void doubt(Slot slot) {
    Slot former = suspect;
    if (former == null || former.ssrc != slot.ssrc) {
      dropSuspect();
      suspect = slot;
      return;
    }
    int follows = (short) (slot.sequenceNumber - former.sequenceNumber);
    int apart = (int) (slot.timestamp - former.timestamp);
    if (follows == 0) {
      counters.duplicate++;
      queue.recycle(slot);
    } else if (Math.abs(follows) > MAX_FOLLOW || Math.abs((long) apart) > JUMP_SAMPLES) {
      dropSuspect();
      suspect = slot;
    } else {
      suspect = null;
      reanchor(follows > 0 ? former : slot);
      accept(follows > 0 ? former : slot);
      accept(follows > 0 ? slot : former);
    }
  }

  private void dropSuspect() {
    if (suspect != null) {
      counters.stray++;
      queue.recycle(suspect);
      suspect = null;
    }
  }

  private void reanchor(Slot slot) {
    drain();
    boolean sameSource = slot.ssrc == ssrc;
    if (!sameSource) {
      counters.ssrcChanges++;
    } else if (leavesSequence(ahead(slot))) {
      counters.sequenceRestarts++;
    }
    long position = timestamps.preview(slot.timestamp) - offset;
    if (sameSource && Math.abs(position - clock.positionAt(slot.arrivalNs)) <= JUMP_SAMPLES) {
      restartSequence(slot);
      return;
    }
    if (sameSource) {
      counters.timestampJumps++;
    }
    anchor(slot);
  }

  /** Makes the packet's source the anchored one, its first packet being this. */
  private void anchor(Slot slot) {
    anchored = true;
    ssrc = slot.ssrc;
    events.reset();
    restartSequence(slot);
    anchorTime(slot);
  }

  /** Gives the packet the wall clock's position, and everything after it by its timestamps. */
  private void anchorTime(Slot slot) {
    if (!clock.isStarted()) {
      clock.start(0, slot.arrivalNs);
    }
    long position = Math.max(head, clock.positionAt(slot.arrivalNs));
    timestamps.reset();
    offset = timestamps.extend(slot.timestamp) - position;
    newestEnd = position;
    newestSamples = 0;
    lateRun.end();
  }

  private void restartSequence(Slot slot) {
    sequence.reset();
    nextSequence = sequence.extend(slot.sequenceNumber);
    newestSequence = nextSequence - 1;
    seen.clear();
  }

  /** Puts a packet of the anchored source in its place. Takes the slot. */
  private void accept(Slot slot) {
    slot.extendedSequenceNumber = sequence.extend(slot.sequenceNumber);
    if (!seen.add(slot.extendedSequenceNumber)) {
      counters.duplicate++;
      queue.recycle(slot);
      return;
    }
    count(slot);
    if (slot.extendedSequenceNumber < nextSequence) {
      counters.late++;
      counters.trimmedSamples += slot.samples();
      queue.recycle(slot);
      return;
    }
    boolean isNewest = slot.extendedSequenceNumber > newestSequence;
    if (isNewest) {
      newestSequence = slot.extendedSequenceNumber;
    } else {
      counters.reordered++;
    }
    if (slot.isTimed()) {
      place(slot, isNewest);
    }
    if (!queue.isFull()) {
      queue.add(slot);
    } else if (slot.extendedSequenceNumber < queue.first().extendedSequenceNumber) {
      // What the others wait for: it needs no place.
      emit(slot);
    } else {
      counters.forced++;
      emit(queue.removeFirst());
      queue.add(slot);
    }
  }

  private void place(Slot slot, boolean isNewest) {
    slot.position = timestamps.extend(slot.timestamp) - offset;
    if (!isNewest) {
      return;
    }
    long lateness = clock.positionAt(slot.arrivalNs) - slot.position;
    if (lateRun.stoodStill(slot, head, lateness, windowNs)) {
      counters.timestampJumps++;
      drain();
      anchorTime(slot);
      slot.position = timestamps.highest() - offset;
    }
    newestEnd = slot.position + slot.samples();
    newestSamples = slot.samples();
    clock.observe(slot.position, slot.arrivalNs);
  }

  private void count(Slot slot) {
    switch (slot.kind) {
      case PCMU, PCMA -> {}
      case COMFORT_NOISE -> counters.comfortNoise++;
      case UNKNOWN -> counters.unknownPayload++;
      case TELEPHONE_EVENT -> report(slot);
    }
  }

  private void report(Slot slot) {
    long timestamp = timestamps.preview(slot.timestamp);
    TelephoneEvent.parse(Unpooled.wrappedBuffer(slot.payload, 0, slot.length))
        .filter(event -> events.isNew(event, timestamp))
        .ifPresent(
            event -> {
              counters.telephoneEvents++;
              sink.onTelephoneEvent(event, Math.max(0, timestamp - offset));
            });
  }

  private void release(long nowNs) {
    while (!queue.isEmpty()
        && (queue.first().extendedSequenceNumber <= nextSequence
            || nowNs - queue.oldestArrivalNs() >= windowNs)) {
      emit(queue.removeFirst());
    }
  }

  private void drain() {
    while (!queue.isEmpty()) {
      emit(queue.removeFirst());
    }
  }

  private void emit(Slot slot) {
    long missing = slot.extendedSequenceNumber - nextSequence;
    counters.lost += missing;
    nextSequence = slot.extendedSequenceNumber + 1;
    if (slot.isTimed()) {
      long gap = slot.position - head;
      if (gap > 0) {
        long lostSamples = Math.min(gap, missing * slot.samples());
        counters.lostSamples += lostSamples;
        counters.silentSamples += gap - lostSamples;
        head = slot.position;
        sink.onSilence(gap);
      }
      emitAudio(slot);
    }
    queue.recycle(slot);
  }

  private void emitAudio(Slot slot) {
    int passed = (int) Math.min(slot.samples(), head - slot.position);
    int left = slot.samples() - passed;
    counters.trimmedSamples += passed;
    if (left > 0) {
      counters.audioSamples += left;
      head += left;
      G711Law law = slot.kind == PayloadKind.PCMU ? G711Law.PCMU : G711Law.PCMA;
      sink.onAudio(law, slot.payload, passed, left);
    } else if (passed > 0) {
      counters.late++;
    }
  }

  private void fillSilence(long until) {
    long gap = until - head;
    if (gap > 0) {
      counters.silentSamples += gap;
      head = until;
      sink.onSilence(gap);
    }
  }
}
