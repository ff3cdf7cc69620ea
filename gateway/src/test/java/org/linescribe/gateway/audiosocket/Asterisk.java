package org.linescribe.gateway.audiosocket;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;
import org.linescribe.media.resample.Resampler;
import org.linescribe.testsupport.Patience;

/** Asterisk's side of a connection, by hand. */
final class Asterisk implements AutoCloseable {
  static final int HANGUP = 0x00;
  static final int DTMF = 0x03;
  static final int AUDIO_8_KHZ = 0x10;

  private final Socket socket;
  private final DataOutputStream out;

  Asterisk(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(Patience.LIMIT_MS);
    out = new DataOutputStream(socket.getOutputStream());
  }

  /** A recording at 8 kHz as linear PCM of another rate. */
  static byte[] slin(short[] recording, int rateHz) {
    short[] pcm = recording;
    if (rateHz != 8000) {
      Resampler up = new Resampler(8000, rateHz);
      short[] resampled = new short[up.maxOutput(pcm.length) + up.maxOutput(0)];
      int written = up.process(pcm, 0, pcm.length, resampled, 0);
      pcm = Arrays.copyOf(resampled, written + up.drain(resampled, written));
    }
    ByteBuffer bytes = ByteBuffer.allocate(2 * pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(pcm);
    return bytes.array();
  }

  void frame(int kind, byte[] payload) throws IOException {
    out.writeByte(kind);
    out.writeShort(payload.length);
    out.write(payload);
    out.flush();
  }

  void uuid(UUID id) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    frame(0x01, bytes.array());
  }

  /** 20 ms in each frame. */
  void audio(int kind, int rateHz, byte[] slin) throws IOException {
    int bytes = rateHz / 50 * 2;
    for (int at = 0; at < slin.length; at += bytes) {
      frame(kind, Arrays.copyOfRange(slin, at, Math.min(slin.length, at + bytes)));
    }
  }

  /** The next frame's kind; -1 when the connection is closed. */
  int next() throws IOException {
    return socket.getInputStream().read();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
