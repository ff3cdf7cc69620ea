package org.linescribe.gateway.dtls;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.srtp.SrtpKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One DTLS association: handshakes until keys are agreed on, and afterwards answers the peer's
 * repetitions until it is closed. As server it begins anew after a failure, at most {@value
 * #MAX_ATTEMPTS} times, so that a stranger's handshake does not end the call.
 *
 * <p>Bouncy Castle's handshake blocks, so it has a virtual thread of its own; received datagrams
 * reach it by a queue of {@value #MAX_QUEUED}, and what does not fit is lost like any datagram.
 *
 * <p>Thread: {@link #receive} and {@link #close} any. The consumers are called on the handshake's
 * thread.
 */
public final class DtlsHandshake {
  private static final Logger LOG = LoggerFactory.getLogger(DtlsHandshake.class);
  private static final int MAX_QUEUED = 32;
  private static final int MAX_ATTEMPTS = 5;
  private static final int MTU_BYTES = 1200;
  private static final int MAX_DATAGRAM_BYTES = 2048;
  private static final int IDLE_WAIT_MS = 60_000;

  /** Wakes the thread when the association is closed. */
  private static final byte[] CLOSED = new byte[0];

  private final DtlsIdentity identity;
  private final DtlsFingerprint theirs;
  private final boolean isClient;
  private final Consumer<byte[]> send;
  private final Consumer<SrtpKeys> agreed;
  private final BlockingQueue<byte[]> received = new ArrayBlockingQueue<>(MAX_QUEUED);
  private volatile boolean closed;

  private DtlsHandshake(
      DtlsIdentity identity,
      DtlsFingerprint theirs,
      boolean isClient,
      Consumer<byte[]> send,
      Consumer<SrtpKeys> agreed) {
    this.identity = identity;
    this.theirs = theirs;
    this.isClient = isClient;
    this.send = send;
    this.agreed = agreed;
  }

  /**
   * Begins.
   *
   * @param theirs the peer's fingerprint in its SDP
   * @param isClient whether we begin the handshake
   * @param send sends a datagram to the peer
   * @param agreed gets the keys, once
   */
  public static DtlsHandshake begin(
      DtlsIdentity identity,
      DtlsFingerprint theirs,
      boolean isClient,
      Consumer<byte[]> send,
      Consumer<SrtpKeys> agreed) {
    DtlsHandshake made = new DtlsHandshake(identity, theirs, isClient, send, agreed);
    Thread.ofVirtual().name("linescribe-dtls").start(made::run);
    return made;
  }

  /** Whether a datagram is of DTLS. Source: RFC 7983 §7. */
  public static boolean isDtls(int firstByte) {
    return firstByte >= 20 && firstByte <= 63;
  }

  /** A datagram from the peer; takes the array. */
  public void receive(byte[] datagram) {
    received.offer(datagram);
  }

  public void close() {
    closed = true;
    if (!received.offer(CLOSED)) {
      received.clear();
      received.offer(CLOSED);
    }
  }

  private void run() {
    for (int attempt = 1; !closed && attempt <= MAX_ATTEMPTS; attempt++) {
      try {
        DTLSTransport association = handshake();
        // A lost last flight is sent again by this; data of the application is not used.
        byte[] unused = new byte[MAX_DATAGRAM_BYTES];
        while (!closed && association != null) {
          association.receive(unused, 0, unused.length, IDLE_WAIT_MS);
        }
        return;
      } catch (IOException | RuntimeException e) {
        LOG.debug("DTLS handshake {} failed: {}", attempt, e.toString());
      }
    }
  }

  private @Nullable DTLSTransport handshake() throws IOException {
    Wire wire = new Wire();
    DTLSTransport association;
    SrtpKeys keys;
    if (isClient) {
      DtlsPeers.Client client = new DtlsPeers.Client(identity, theirs);
      association = new DTLSClientProtocol().connect(client, wire);
      keys = client.keys();
    } else {
      if (!awaitFirst(wire)) {
        return null;
      }
      DtlsPeers.Server server = new DtlsPeers.Server(identity, theirs);
      association = new DTLSServerProtocol().accept(server, wire);
      keys = server.keys();
    }
    if (keys == null) {
      throw new IOException("no keys");
    }
    agreed.accept(keys);
    return association;
  }

  /** The time for the handshake runs from the peer's first datagram. */
  private boolean awaitFirst(Wire wire) {
    try {
      while (!closed) {
        byte[] first = received.poll(IDLE_WAIT_MS, TimeUnit.MILLISECONDS);
        if (first != null && first != CLOSED) {
          wire.pushedBack = first;
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private final class Wire implements DatagramTransport {
    private byte @Nullable [] pushedBack;

    @Override
    public int getReceiveLimit() {
      return MAX_DATAGRAM_BYTES;
    }

    @Override
    public int getSendLimit() {
      return MTU_BYTES;
    }

    @Override
    public int receive(byte[] buffer, int offset, int length, int waitMs) throws IOException {
      byte[] datagram = pushedBack;
      pushedBack = null;
      try {
        if (datagram == null) {
          datagram = received.poll(waitMs, TimeUnit.MILLISECONDS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
      if (closed || datagram == CLOSED) {
        throw new IOException("closed");
      }
      if (datagram == null) {
        return -1;
      }
      int count = Math.min(length, datagram.length);
      System.arraycopy(datagram, 0, buffer, offset, count);
      return count;
    }

    @Override
    public void send(byte[] buffer, int offset, int length) {
      byte[] datagram = new byte[length];
      System.arraycopy(buffer, offset, datagram, 0, length);
      send.accept(datagram);
    }

    @Override
    public void close() {}
  }
}
