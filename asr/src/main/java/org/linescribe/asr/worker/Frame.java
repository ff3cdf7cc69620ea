package org.linescribe.asr.worker;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One message between gateway and worker, built or read, and the memory for it, which is used
 * again.
 *
 * <pre>
 * int32 length of what follows, 1 to 16 MiB | byte kind | body
 * </pre>
 *
 * <p>Numbers have the machine's byte order: both ends are on it. A text is its length in bytes and
 * UTF-8; an array its length and its elements. Whatever a length says is held against what has come
 * before memory is taken for it.
 *
 * <p>Thread: its connection's, one at a time.
 */
final class Frame {
  static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final int LENGTH_BYTES = Integer.BYTES;
  private static final int FIRST_BYTES = 64 * 1024;

  private ByteBuffer bytes = allocate(FIRST_BYTES);
  private long samples;

  private static ByteBuffer allocate(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  // Building.

  Frame begin(int kind) {
    bytes.clear().position(LENGTH_BYTES);
    samples = 0;
    return put((byte) kind);
  }

  /** Whether so many more bytes fit a message. */
  boolean fits(long more) {
    return bytes.position() + more <= MAX_BYTES;
  }

  Frame put(byte value) {
    space(1).put(value);
    return this;
  }

  Frame put(boolean value) {
    return put((byte) (value ? 1 : 0));
  }

  Frame put(int value) {
    space(Integer.BYTES).putInt(value);
    return this;
  }

  Frame put(long value) {
    space(Long.BYTES).putLong(value);
    return this;
  }

  Frame put(double value) {
    space(Double.BYTES).putDouble(value);
    return this;
  }

  Frame put(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    put(utf8.length);
    space(utf8.length).put(utf8);
    return this;
  }

  Frame putTexts(List<String> texts) {
    put(texts.size());
    texts.forEach(this::put);
    return this;
  }

  /** The samples alone: whoever puts several pieces of audio puts their length before. */
  Frame putSamples(float[] pcm, int offset, int length) {
    space((long) length * Float.BYTES).asFloatBuffer().put(pcm, offset, length);
    bytes.position(bytes.position() + length * Float.BYTES);
    samples += length;
    return this;
  }

  private ByteBuffer space(long more) {
    if (!fits(more)) {
      throw new IllegalStateException("a message of more than " + MAX_BYTES + " bytes");
    }
    if (bytes.remaining() < more) {
      grow((int) (bytes.position() + more));
    }
    return bytes;
  }

  private void grow(int needed) {
    ByteBuffer larger = allocate(Math.min(MAX_BYTES, Math.max(needed, 2 * bytes.capacity())));
    larger.put(bytes.flip());
    bytes = larger;
  }

  /** Samples of the message that is built. */
  long samples() {
    return samples;
  }

  /** Writes the message that was built; blocks while the other end reads nothing. */
  void send(SocketChannel to) throws IOException {
    bytes.putInt(0, bytes.position() - LENGTH_BYTES).flip();
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  // Reading.

  /**
   * Waits for the next message.
   *
   * @return its kind
   * @throws EOFException when the other end has gone
   * @throws ProtocolException when it is none
   */
  int receive(SocketChannel from) throws IOException {
    bytes.clear();
    fill(from, LENGTH_BYTES);
    int length = bytes.getInt(0);
    if (length < 1 || length > MAX_BYTES - LENGTH_BYTES) {
      throw new ProtocolException("a message of " + length + " bytes");
    }
    int whole = LENGTH_BYTES + length;
    if (bytes.capacity() < whole) {
      grow(whole);
    }
    fill(from, whole);
    if (bytes.position() > whole) {
      throw new ProtocolException("more than one message at a time");
    }
    bytes.flip().position(LENGTH_BYTES);
    return bytes.get();
  }

  private void fill(SocketChannel from, int until) throws IOException {
    while (bytes.position() < until) {
      if (from.read(bytes) < 0) {
        throw new EOFException("the other process has gone");
      }
    }
  }

  byte getByte() throws ProtocolException {
    return available(1).get();
  }

  boolean getBoolean() throws ProtocolException {
    return getByte() != 0;
  }

  int getInt() throws ProtocolException {
    return available(Integer.BYTES).getInt();
  }

  long getLong() throws ProtocolException {
    return available(Long.BYTES).getLong();
  }

  double getDouble() throws ProtocolException {
    return available(Double.BYTES).getDouble();
  }

  /**
   * A number of things.
   *
   * @param leastBytes that each of them takes
   */
  int getCount(int leastBytes) throws ProtocolException {
    int count = getInt();
    if (count < 0 || (long) count * leastBytes > bytes.remaining()) {
      throw new ProtocolException(count + " of something in " + bytes.remaining() + " bytes");
    }
    return count;
  }

  String getText() throws ProtocolException {
    byte[] utf8 = new byte[getCount(1)];
    bytes.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  List<String> getTexts() throws ProtocolException {
    int count = getCount(Integer.BYTES);
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(getText());
    }
    return texts;
  }

  /** As many samples as the number before them says. */
  float[] getSamples() throws ProtocolException {
    float[] pcm = new float[getCount(Float.BYTES)];
    bytes.asFloatBuffer().get(pcm);
    bytes.position(bytes.position() + pcm.length * Float.BYTES);
    return pcm;
  }

  /** Nothing follows. */
  void end() throws ProtocolException {
    if (bytes.hasRemaining()) {
      throw new ProtocolException(bytes.remaining() + " bytes too many");
    }
  }

  private ByteBuffer available(int size) throws ProtocolException {
    if (bytes.remaining() < size) {
      throw (ProtocolException)
          new ProtocolException("cut off").initCause(new BufferUnderflowException());
    }
    return bytes;
  }
}
