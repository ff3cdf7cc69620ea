package org.linescribe.testcalls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Sends one RTP stream of G.711 and counts received datagrams. Independent of the gateway's RTP
 * code, so that each tests the other.
 *
 * <p>Sequence number, timestamp and SSRC start at random; the first packet carries the marker, each
 * packet 160 samples. Thread: the call's. Owns its socket. Source: RFC 3550 §5.1, RFC 3551 §4.1.
 */
final class RtpStream implements AutoCloseable {
  private static final int HEADER_BYTES = 12;
  private static final int VERSION_2 = 0x80;
  private static final int MARKER = 0x80;
  private static final int EVEN_PORT_TRIES = 50;
  private static final int MAX_DRAINED = 100;

  private final DatagramChannel channel;
  private final InetSocketAddress local;
  private final ByteBuffer packet = ByteBuffer.allocateDirect(HEADER_BYTES + CallAudio.FRAME_BYTES);
  private final ByteBuffer incoming = ByteBuffer.allocateDirect(2048);
  private final byte[] frame = new byte[CallAudio.FRAME_BYTES];
  private final int ssrc;
  private int sequenceNumber;
  private int timestamp;
  private boolean started;

  private RtpStream(DatagramChannel channel, InetSocketAddress local) {
    this.channel = channel;
    this.local = local;
    ThreadLocalRandom random = ThreadLocalRandom.current();
    this.ssrc = random.nextInt();
    this.sequenceNumber = random.nextInt(1 << 16);
    this.timestamp = random.nextInt();
  }

  /** Opens on an even port (RFC 3550 §11), if one of the first attempts yields one. */
  static RtpStream open(InetAddress address) throws IOException {
    for (int attempt = 1; ; attempt++) {
      DatagramChannel channel = DatagramChannel.open();
      try {
        channel.bind(new InetSocketAddress(address, 0));
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        if (local.getPort() % 2 == 0 || attempt == EVEN_PORT_TRIES) {
          channel.configureBlocking(false);
          return new RtpStream(channel, local);
        }
      } catch (IOException e) {
        channel.close();
        throw e;
      }
      channel.close();
    }
  }

  InetSocketAddress local() {
    return local;
  }

  void send(CallAudio audio, int index, InetSocketAddress to) throws IOException {
    audio.frame(index, frame, 0);
    packet.clear();
    packet.put((byte) VERSION_2);
    packet.put((byte) ((started ? 0 : MARKER) | audio.law().payloadType()));
    packet.putShort((short) sequenceNumber);
    packet.putInt(timestamp);
    packet.putInt(ssrc);
    packet.put(frame).flip();
    started = true;
    sequenceNumber = (sequenceNumber + 1) & 0xFFFF;
    timestamp += CallAudio.FRAME_BYTES;
    channel.send(packet, to);
  }

  /** Discards received datagrams and returns their number. */
  int drain() throws IOException {
    int datagrams = 0;
    while (datagrams < MAX_DRAINED && channel.receive(incoming.clear()) != null) {
      datagrams++;
    }
    return datagrams;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
