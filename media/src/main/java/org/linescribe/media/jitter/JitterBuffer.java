package org.linescribe.media.jitter;

import io.netty.buffer.Unpooled;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.dtmf.TelephoneEventTracker;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.media.rtp.SequenceNumberExtender;
import org.linescribe.media.rtp.TimestampExtender;

/**
 * Puts one leg's RTP packets in order and writes a timeline without gaps to a {@link JitterSink},
 * for recognition: what is in order is released at once, a packet behind a missing one waits at
 * most {@link JitterSettings#reorderWait}, and lost or silent time becomes silence of the same
 * length, or by setting the beginning of lost time is concealed.
 *
 * <p>Positions are samples at 8 kHz from {@link #begin}, or from the first packet; timestamps are
 * in the same ticks (those of another clock: {@link SampleTicks}). A packet's position is its
 * extended timestamp less an offset, which is set when the source is anchored. A packet of another
 * SSRC, of a number far from the sequence (RFC 3550 §A.1), or of a timestamp that neither the
 * sequence nor the wall clock explains, is on probation until a second one follows it; then the
 * source is anchored anew, at the wall clock's position. So a jump of an hour costs no hour of
 * silence, and a stray packet costs nothing.
 *
 * <p>When nothing comes, {@link #tick} lets the time pass: once the {@link SilencePatience} with
 * the source is over, the timeline follows the wall clock.
 *
 * <p>No packet that arrives in order is dropped for arriving late. Where its time was already
 * written as silence (a longer stall, or a source on hold whose timestamps stood still), it and all
 * after it move to the end of the timeline. Where that made the timeline longer than the time that
 * passed, later silence is told shorter, by half of it at most, until it is true again.
 *
 * <p>Ownership: packets are borrowed. Thread: the session's event loop; call {@code tick} after the
 * packets that were waiting in the socket, about every 20 ms. Errors: nothing from the wire throws.
 * Source: RFC 3550 §A.1, RFC 3389, RFC 4733 §2.5.
 */
public final class JitterBuffer {
  /** Most payload of a packet that is no audio; {@link AudioCodec#maxPayloadBytes} of others. */
  private static final int MAX_PAYLOAD_BYTES = AudioCodec.MAX_SAMPLES;

  private static final int MAX_DROPOUT = 3000;
  private static final int MAX_MISORDER = 100;

  /** A timestamp may be that far from what sequence and clock say: 500 ms. */
  static final long JUMP_SAMPLES = 4000;

  /** A timestamp that far behind the newest is of a restarted source: 10 s. */
  private static final long STALL_SAMPLES = 80_000;

  private final long reorderWaitNs;
  private final SilencePatience patience;
  private final JitterSink sink;
  private final TimelineWriter timeline;
  private final JitterCounters counters = new JitterCounters();
  private final SlotQueue queue = new SlotQueue();
  private final SeenNumbers seen = new SeenNumbers();
  private final SequenceNumberExtender sequence = new SequenceNumberExtender();
  private final TimestampExtender timestamps = new TimestampExtender();
  private final TelephoneEventTracker events = new TelephoneEventTracker();
  private final TransitClock clock = new TransitClock();
  private final Omission omission = new Omission();
  private final Probation probation = new Probation(queue, counters);

  private PayloadMap payloads;

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

  /** Of the newest packet, and when the source's last packet came. */
  private boolean newestMarker;

  private long lastArrivalNs;

  public JitterBuffer(JitterSettings settings, PayloadMap payloads, JitterSink sink) {
    this.reorderWaitNs = settings.reorderWait().toNanos();
    this.patience = new SilencePatience(settings);
    this.payloads = payloads;
    this.sink = sink;
    this.timeline = new TimelineWriter(sink, counters, clock, settings.concealLosses());
  }

  public JitterCounters counters() {
    return counters;
  }

  /** Length of the timeline written so far. */
  public long positionSamples() {
    return timeline.head();
  }

  /** Payload types as negotiated anew; packets that wait keep their meaning. */
  public void payloads(PayloadMap map) {
    payloads = map;
  }

  /** Whether the source said that it sends nothing for now, or says so no longer. */
  public void held(boolean on) {
    patience.held(on);
  }

  /**
   * Conceals no loss with audio from before now: what is done with the audio changes, and what was
   * said before must not be heard behind the change. May be called by the sink.
   */
  public void forgetHeard() {
    timeline.forgetHeard();
  }

  /**
   * Omits what was said before now: where it waits here or is still on its way it becomes silence
   * of the same length, and no loss is concealed with it. For a listener that takes the audio again
   * and must not hear what was said while it did not. May be called by the sink.
   */
  public void omitEarlier(long nowNs) {
    timeline.forgetHeard();
    if (clock.isStarted()) {
      // While a stall is caught up, positions are ahead of the clock.
      long position = clock.positionAt(nowNs) + timeline.aheadOfClock();
      omission.begin(Math.max(newestEnd, position), nowNs);
    }
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
    PayloadKind kind = payloads.kind(packet.payloadType());
    AudioCodec codec = kind.codec();
    if (packet.payloadBytes() > (codec == null ? MAX_PAYLOAD_BYTES : codec.maxPayloadBytes())) {
      counters.oversized++;
      return;
    }
    Slot slot = queue.obtain();
    slot.take(packet, kind, nowNs);
    if (anchored && slot.ssrc == ssrc && isPlausible(slot)) {
      Slot before = probation.end(slot);
      if (before != null) {
        insert(before);
      }
      insert(slot);
    } else if (!slot.isTimed()) {
      counters.stray++;
      queue.recycle(slot);
    } else if (!anchored) {
      anchor(slot);
      insert(slot);
    } else {
      probe(slot);
    }
    release(nowNs);
  }

  /** Lets time pass: gives up what is overdue, and fills the silence of a source that is quiet. */
  public void tick(long nowNs) {
    release(nowNs);
    if (clock.isStarted()
        && queue.isEmpty()
        && (!anchored || nowNs - lastArrivalNs >= patience.ns(timeline.endsInSpeech()))) {
      // The wait is left open, so that jitter of the packet that ends the silence moves nothing.
      shift(timeline.fill(clock.positionAt(nowNs - reorderWaitNs)));
    }
  }

  /** Ends the timeline now: everything that waits is released, and silence fills it up to now. */
  public void finish(long nowNs) {
    drain();
    probation.drop();
    if (clock.isStarted()) {
      shift(timeline.fill(clock.positionAt(nowNs)));
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
    return position <= Math.max(bySequence, byClock + timeline.aheadOfClock()) + JUMP_SAMPLES
        && position >= newestEnd - STALL_SAMPLES;
  }

  private int ahead(Slot slot) {
    return (short) (slot.sequenceNumber - (int) newestSequence);
  }

  private static boolean leavesSequence(int ahead) {
    return ahead >= MAX_DROPOUT || ahead < -MAX_MISORDER;
  }

  /** Puts a packet that does not belong on probation; a second of its kind proves a source. */
  private void probe(Slot slot) {
    Slot former = probation.probe(slot);
    if (former != null) {
      boolean inOrder = former.numbersTo(slot) > 0;
      reanchor(inOrder ? former : slot);
      insert(inOrder ? former : slot);
      insert(inOrder ? slot : former);
    }
  }

  private void reanchor(Slot slot) {
    drain();
    boolean sameSource = slot.ssrc == ssrc;
    if (!sameSource) {
      counters.ssrcChanges++;
      patience.otherSource();
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
    if (clock.isStarted()) {
      timeline.beginSource(slot.arrivalNs);
    } else {
      clock.start(0, slot.arrivalNs);
    }
    long position = Math.max(timeline.head(), clock.positionAt(slot.arrivalNs));
    timestamps.reset();
    offset = timestamps.extend(slot.timestamp) - position;
    omission.anchor(position, slot.arrivalNs);
    newestEnd = position;
    newestSamples = 0;
  }

  private void restartSequence(Slot slot) {
    sequence.reset();
    nextSequence = sequence.extend(slot.sequenceNumber);
    newestSequence = nextSequence - 1;
    seen.clear();
  }

  /** Puts a packet of the anchored source into the queue, or drops it. Takes the slot. */
  private void insert(Slot slot) {
    slot.extendedSequenceNumber = sequence.extend(slot.sequenceNumber);
    if (!seen.add(slot.extendedSequenceNumber)) {
      counters.duplicate++;
      queue.recycle(slot);
      return;
    }
    lastArrivalNs = slot.arrivalNs;
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
      patience.newest(slot.kind);
    } else {
      counters.reordered++;
    }
    if (slot.isTimed()) {
      place(slot, isNewest);
    }
    if (!queue.isFull()) {
      queue.add(slot);
    } else if (slot.extendedSequenceNumber < queue.first().extendedSequenceNumber) {
      // The packet that the others wait for.
      emit(slot);
    } else {
      counters.forced++;
      emit(queue.removeFirst());
      queue.add(slot);
    }
  }

  private void place(Slot slot, boolean isNewest) {
    slot.position = timestamps.extend(slot.timestamp) - offset;
    if (isNewest) {
      if (beginsTalkspurtBehindTheClock(slot)) {
        // Time has passed, though the sender's timestamps stood still (hold).
        counters.timestampJumps++;
        anchorTime(slot);
        slot.position = timestamps.highest() - offset;
      }
      newestEnd = slot.position + slot.samples();
      newestSamples = slot.samples();
    }
  }

  /** Some senders mark every packet: only a marker after a packet without one means something. */
  private boolean beginsTalkspurtBehindTheClock(Slot slot) {
    boolean begins = slot.marker && !newestMarker;
    newestMarker = slot.marker;
    return begins
        && slot.isAudio()
        && queue.isEmpty()
        && slot.position + slot.samples() <= clock.positionAt(slot.arrivalNs - reorderWaitNs);
  }

  private void count(Slot slot) {
    switch (slot.kind) {
      case PCMU, PCMA, G722, OPUS, L16, L16_WIDEBAND -> {}
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
            || nowNs - queue.oldestArrivalNs() >= reorderWaitNs)) {
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
      if (slot.position - timeline.head() > missing * slot.samples()) {
        patience.sourcePaused();
      }
      shift(timeline.write(slot, missing, omission.omits(slot)));
    }
    queue.recycle(slot);
  }

  /** Moves the positions of all that follows. */
  private void shift(long samples) {
    offset -= samples;
    newestEnd += samples;
    omission.move(samples);
    queue.move(samples);
  }
}
