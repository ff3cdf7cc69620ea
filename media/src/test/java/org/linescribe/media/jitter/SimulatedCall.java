package org.linescribe.media.jitter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.rtp.RtpDefect;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.media.rtp.RtpPacketBuilder;

/**
 * A sender, a bad line and a clock before a {@link JitterBuffer}, and a sink behind it that knows
 * what every sample of the true timeline is.
 *
 * <p>The code of the sender's n-th sample is a hash of n, so a sample that is told at another place
 * than its own is found out.
 */
final class SimulatedCall implements JitterSink {
  static final long MS = 1_000_000L;
  static final int PCMU = 0;
  static final int PCMA = 8;
  static final int COMFORT_NOISE = 13;
  static final int TELEPHONE_EVENT = 101;

  /** The silence that shows that a source's speech ended. */
  static final int PAUSE_SAMPLES = 1280;

  private static final long START_NS = 77_777_777_777L;

  private record Datagram(long arrivalNs, int order, ByteBuf bytes) {}

  private final List<Datagram> line = new ArrayList<>();
  private final RtpPacket view = new RtpPacket();
  private final JitterBuffer buffer;

  /** The sender's state; tests set it as they like. */
  long ssrc = 0xCAFE_0001L;

  int sequenceNumber = 1000;
  long timestamp = 5000;

  /** What the sink received: -1 for silence, else the code. */
  private int[] heard = new int[1 << 16];

  private int length;

  /** What the sink was told that it is made up. */
  int concealed;

  private long nowNs = START_NS;
  final List<TelephoneEvent> digits = new ArrayList<>();
  final List<Long> digitPositions = new ArrayList<>();
  final List<AudioCodec> codecs = new ArrayList<>();

  SimulatedCall() {
    this(JitterSettings.defaults());
  }

  SimulatedCall(JitterSettings settings) {
    buffer = new JitterBuffer(settings, PayloadMap.standard(TELEPHONE_EVENT), this);
  }

  JitterBuffer buffer() {
    return buffer;
  }

  JitterCounters counters() {
    return buffer.counters();
  }

  static byte code(long sample) {
    long mixed = (sample + 1) * 0x9E37_79B9_7F4A_7C15L;
    byte code = (byte) (mixed >>> 56);
    // μ-law's negative zero is not told from its zero once decoded.
    return code == 0x7F ? (byte) 0xFF : code;
  }

  static byte[] codes(long fromSample, int count) {
    byte[] codes = new byte[count];
    for (int i = 0; i < count; i++) {
      codes[i] = code(fromSample + i);
    }
    return codes;
  }

  /** Sends audio of the true timeline; arrives after {@code atMs} from the start. */
  SimulatedCall audio(double atMs, long fromSample, int samples) {
    return packet(atMs, false, PCMU, codes(fromSample, samples), samples);
  }

  /** Sends a packet of digital silence: what was said ended. */
  SimulatedCall pause(double atMs) {
    byte[] silence = new byte[PAUSE_SAMPLES];
    Arrays.fill(silence, (byte) G711Law.PCMU.idleCode());
    return packet(atMs, false, PCMU, silence, PAUSE_SAMPLES);
  }

  /** Sends a packet, then advances number and timestamp. */
  SimulatedCall packet(double atMs, boolean marker, int type, byte[] payload, int ticks) {
    send(atMs, marker, type, payload);
    sequenceNumber = (sequenceNumber + 1) & 0xFFFF;
    timestamp = (timestamp + ticks) & 0xFFFF_FFFFL;
    return this;
  }

  /** Sends a packet as the state says and leaves the state. */
  SimulatedCall send(double atMs, boolean marker, int type, byte[] payload) {
    ByteBuf bytes = Unpooled.buffer(12 + payload.length);
    new RtpPacketBuilder()
        .marker(marker)
        .payloadType(type)
        .sequenceNumber(sequenceNumber)
        .timestamp(timestamp)
        .ssrc(ssrc)
        .payload(payload)
        .writeTo(bytes);
    line.add(new Datagram(START_NS + (long) (atMs * MS), line.size(), bytes));
    return this;
  }

  /** Loses the packet that would be sent next. */
  SimulatedCall lose(int ticks) {
    sequenceNumber = (sequenceNumber + 1) & 0xFFFF;
    timestamp = (timestamp + ticks) & 0xFFFF_FFFFL;
    return this;
  }

  /** Delivers everything in the order of arrival with a tick every 10 ms, up to {@code untilMs}. */
  SimulatedCall runTo(double untilMs) {
    line.sort(Comparator.comparingLong(Datagram::arrivalNs).thenComparingInt(Datagram::order));
    long untilNs = START_NS + (long) (untilMs * MS);
    int next = 0;
    while (nowNs <= untilNs) {
      while (next < line.size() && line.get(next).arrivalNs() <= nowNs) {
        Datagram datagram = line.get(next++);
        assertThat(view.parse(datagram.bytes())).isEqualTo(RtpDefect.NONE);
        buffer.offer(view, datagram.arrivalNs());
      }
      buffer.tick(nowNs);
      nowNs += 10 * MS;
    }
    line.subList(0, next).clear();
    return this;
  }

  SimulatedCall begin() {
    buffer.begin(START_NS);
    return this;
  }

  /** Who listens takes the audio again, from now on. */
  SimulatedCall omitEarlier() {
    buffer.omitEarlier(nowNs);
    return this;
  }

  SimulatedCall finish(double atMs) {
    buffer.finish(START_NS + (long) (atMs * MS));
    return this;
  }

  @Override
  public void onAudio(AudioCodec codec, short[] pcm, int count) {
    if (codecs.isEmpty() || codecs.getLast() != codec) {
      codecs.add(codec);
    }
    for (int i = 0; i < count; i++) {
      put((codec == AudioCodec.PCMA ? G711Law.PCMA : G711Law.PCMU).encode(pcm[i]));
    }
  }

  @Override
  public void onConcealed(AudioCodec codec, short[] pcm, int count) {
    concealed += count;
    onAudio(codec, pcm, count);
  }

  @Override
  public void onSilence(long samples) {
    assertThat(samples).isPositive();
    for (long i = 0; i < samples; i++) {
      put(-1);
    }
  }

  @Override
  public void onTelephoneEvent(TelephoneEvent event, long atSamples) {
    digits.add(event);
    digitPositions.add(atSamples);
  }

  private void put(int code) {
    if (length == heard.length) {
      heard = Arrays.copyOf(heard, 2 * length);
    }
    heard[length++] = code;
  }

  int lengthSamples() {
    assertThat(buffer.positionSamples()).isEqualTo(length);
    return length;
  }

  int audioSamples() {
    int count = 0;
    for (int i = 0; i < length; i++) {
      count += heard[i] >= 0 ? 1 : 0;
    }
    return count;
  }

  /** Asserts that the sink received this audio, nothing else, in this order; silence aside. */
  void assertAudioIs(byte[] expected, String context) {
    int at = 0;
    for (int i = 0; i < length; i++) {
      if (heard[i] >= 0) {
        if (at == expected.length || heard[i] != (expected[at] & 0xFF)) {
          assertThat(at).as("%s: first wrong sample", context).isEqualTo(expected.length);
        }
        at++;
      }
    }
    assertThat(at).as("%s: samples received", context).isEqualTo(expected.length);
  }

  boolean isSilent(int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (heard[i] >= 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether the true sample numbers from {@code sample} on are heard at {@code at}. */
  boolean isHeard(int at, long sample, int count) {
    for (int i = 0; i < count; i++) {
      if (heard[at + i] != (code(sample + i) & 0xFF)) {
        return false;
      }
    }
    return true;
  }

  /** Asserts that every sample that is no silence is the true one of its place. */
  void assertEverySampleInItsPlace(String context) {
    for (int i = 0; i < length; i++) {
      if (heard[i] >= 0 && heard[i] != (code(i) & 0xFF)) {
        assertThat(heard[i]).as("%s: sample %d", context, i).isEqualTo(code(i) & 0xFF);
      }
    }
  }

  /** A line with losses, copies, overtaking and jitter. */
  record Impairment(double loss, double duplicate, double reorder, double jitterMs) {
    static final Impairment BAD = new Impairment(0.05, 0.03, 0.03, 40);
  }

  /**
   * Sends {@code seconds} of audio, paced by the sender's clock, over a bad line.
   *
   * @param skewPpm the sender's clock against ours
   * @param ptimesMs packet lengths to change between, every second
   * @return when the sender is done, in ms
   */
  double talk(Random dice, Impairment bad, double seconds, double skewPpm, int... ptimesMs) {
    long sample = 0;
    double clockFactor = 1 / (1 + skewPpm / 1e6);
    long until = (long) (seconds * 8000);
    while (sample < until) {
      int ptime = ptimesMs[(int) (sample / 8000) % ptimesMs.length];
      int samples = ptime * 8;
      double sentMs = sample / 8.0 * clockFactor;
      byte[] codes = codes(sample, samples);
      // The first packet comes, so that position 0 is the sender's 0.
      boolean lost = sample > 0 && dice.nextDouble() < bad.loss();
      if (!lost) {
        double late = sample == 0 ? 0 : dice.nextDouble() * bad.jitterMs();
        if (dice.nextDouble() < bad.reorder()) {
          late += sample == 0 ? 0 : Math.min(15, bad.jitterMs());
        }
        send(sentMs + late, false, PCMU, codes);
        if (dice.nextDouble() < bad.duplicate()) {
          send(sentMs + late + dice.nextDouble() * 30, false, PCMU, codes);
        }
      }
      lose(samples);
      sample += samples;
    }
    return sample / 8.0 * clockFactor;
  }
}
