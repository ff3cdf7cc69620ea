package org.linescribe.asr.worker;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.channels.SocketChannel;
import org.linescribe.asr.RecogniserException;

/** A connection to a worker, for one request at a time. Thread: whoever borrowed it. */
final class WorkerConnection implements AutoCloseable {
  /** Reads an answer. */
  interface Reader<T> {
    T read(Frame answer) throws ProtocolException;
  }

  private final SocketChannel channel;
  private final Frame frame = new Frame();
  private int kind;
  private volatile long sinceNs;
  private volatile long samples;
  private volatile boolean waiting;

  WorkerConnection(SocketChannel channel) {
    this.channel = channel;
  }

  /** Begins the next request. */
  Frame request(int ofKind) {
    kind = ofKind;
    return frame.begin(ofKind);
  }

  void send() throws IOException {
    samples = frame.samples();
    sinceNs = System.nanoTime();
    waiting = true;
    frame.send(channel);
  }

  /**
   * Waits for the answer to what was sent.
   *
   * @throws RecogniserException when the worker refuses; it and the connection are sound
   */
  <T> T receive(Reader<T> reader) throws IOException {
    int answered = frame.receive(channel);
    waiting = false;
    if (answered == Messages.REFUSED) {
      throw new RecogniserException(frame.getText());
    }
    if (answered != kind) {
      throw new ProtocolException("an answer of kind " + answered + " to one of kind " + kind);
    }
    try {
      T read = reader.read(frame);
      frame.end();
      return read;
    } catch (IllegalArgumentException impossible) {
      throw (ProtocolException) new ProtocolException("a value").initCause(impossible);
    }
  }

  /**
   * Whether an answer takes too long.
   *
   * @param afterNs what every one may take
   * @param perSampleNs more for each sample of the request
   */
  boolean isOverdue(long nowNs, long afterNs, double perSampleNs) {
    return waiting && nowNs - sinceNs > afterNs + (long) (samples * perSampleNs);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException closed) {
      // It is of no use any more.
    }
  }
}
