package org.linescribe.gateway.mediaports;

import io.github.jaredmdobson.concentus.OpusApplication;
import io.github.jaredmdobson.concentus.OpusEncoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.resample.Resampler;
import org.linescribe.session.mediaports.MediaFormat;

/**
 * What Asterisk's UnicastRTP channel sends: packets of 20 ms in one format, by the payload type
 * that Asterisk has for it. There is no build of Asterisk in the registries; this is written from
 * its source and RFC 3550, and shares no code with the gateway's RTP.
 */
final class UnicastRtp implements AutoCloseable {
  private static final int FRAME_SAMPLES = 160;
  private static final Random RANDOM = new Random(20260120);

  /**
   * Settings of RTP where it plays to be heard: ports of the system's choice, and the longest
   * window, so that packets that a stalled machine lets it send late are heard.
   */
  static final Map<String, Object> PATIENT =
      Map.of("ports", "0", "jitterWindow", Duration.ofMillis(500));

  private final DatagramSocket socket;
  private final InetSocketAddress to;
  private final MediaFormat format;
  private final int payloadType;
  private final List<byte[]> payloads;
  private final int frames;
  private final int ssrc = RANDOM.nextInt();
  private int sequenceNumber = RANDOM.nextInt(1 << 16);
  private int timestamp = RANDOM.nextInt();

  /**
   * @param from an address of this machine, as all of 127.0.0.0/8 are
   * @param pcm mono, 16-bit, 8 kHz
   */
  UnicastRtp(String from, String host, int port, MediaFormat format, int payloadType, short[] pcm)
      throws IOException {
    this(from, host, port, format, payloadType, pcm, 1);
  }

  /**
   * @param frames of 20 ms in a packet; more than one of ulaw, alaw, slin and slin16 only
   */
  UnicastRtp(
      String from,
      String host,
      int port,
      MediaFormat format,
      int payloadType,
      short[] pcm,
      int frames)
      throws IOException {
    this.socket = new DatagramSocket(0, InetAddress.getByName(from));
    this.to = new InetSocketAddress(InetAddress.getByName(host), port);
    this.format = format;
    this.payloadType = payloadType;
    this.payloads = encoded(format, pcm, frames * FRAME_SAMPLES);
    this.frames = frames;
  }

  private static List<byte[]> encoded(MediaFormat format, short[] pcm, int samples) {
    short[] whole = Arrays.copyOf(pcm, pcm.length / samples * samples);
    return switch (format) {
      case ULAW -> cut(law(G711Law.PCMU, whole), samples);
      case ALAW -> cut(law(G711Law.PCMA, whole), samples);
      case SLIN -> cut(linear(whole), 2 * samples);
      case SLIN16 -> cut(linear(doubled(whole)), 4 * samples);
      case OPUS -> opus(whole);
      case G722 -> cut(AudioCodec.G722.newEncoder().encode(whole, 0, whole.length), FRAME_SAMPLES);
    };
  }

  private static byte[] law(G711Law law, short[] pcm) {
    byte[] codes = new byte[pcm.length];
    law.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  private static short[] doubled(short[] pcm) {
    Resampler up = Resampler.telephony(8000, 16_000);
    short[] out = new short[up.maxOutput(pcm.length)];
    return Arrays.copyOf(out, up.process(pcm, 0, pcm.length, out, 0));
  }

  /** Network byte order, which a ByteBuffer has by itself. */
  private static byte[] linear(short[] pcm) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * pcm.length);
    bytes.asShortBuffer().put(pcm);
    return bytes.array();
  }

  private static List<byte[]> opus(short[] pcm) {
    try {
      OpusEncoder encoder = new OpusEncoder(8000, 1, OpusApplication.OPUS_APPLICATION_VOIP);
      byte[] packet = new byte[1000];
      return IntStream.range(0, pcm.length / FRAME_SAMPLES)
          .mapToObj(
              n -> {
                try {
                  int length =
                      encoder.encode(
                          pcm, n * FRAME_SAMPLES, FRAME_SAMPLES, packet, 0, packet.length);
                  return Arrays.copyOf(packet, length);
                } catch (OpusException e) {
                  throw new IllegalStateException(e);
                }
              })
          .toList();
    } catch (OpusException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<byte[]> cut(byte[] bytes, int length) {
    return IntStream.range(0, bytes.length / length)
        .mapToObj(n -> Arrays.copyOfRange(bytes, n * length, (n + 1) * length))
        .toList();
  }

  /** All at once, in real time. */
  static void play(UnicastRtp... senders) throws IOException {
    long startNs = System.nanoTime();
    int packets =
        Arrays.stream(senders).mapToInt(s -> s.payloads.size() * s.frames).max().orElse(0);
    for (int n = 0; n < packets; n++) {
      for (UnicastRtp sender : senders) {
        if (n % sender.frames == 0 && n / sender.frames < sender.payloads.size()) {
          sender.send(n / sender.frames);
        }
      }
      long dueNs = startNs + (n + 1) * 20_000_000L;
      while (System.nanoTime() - dueNs < 0) {
        LockSupport.parkNanos(dueNs - System.nanoTime());
      }
    }
  }

  /** Packets of the whole audio. */
  int packets() {
    return payloads.size();
  }

  /** One packet; the numbers go on from call to call. */
  void send(int n) throws IOException {
    byte[] payload = payloads.get(n);
    ByteBuffer packet = ByteBuffer.allocate(12 + payload.length);
    packet.put((byte) 0x80).put((byte) payloadType);
    packet.putShort((short) sequenceNumber).putInt(timestamp).putInt(ssrc).put(payload);
    sequenceNumber++;
    timestamp += frames * FRAME_SAMPLES * format.codec().ticksPerSample();
    socket.send(new DatagramPacket(packet.array(), packet.capacity(), to));
  }

  @Override
  public void close() {
    socket.close();
  }
}
