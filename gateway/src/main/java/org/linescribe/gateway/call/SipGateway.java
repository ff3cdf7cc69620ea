package org.linescribe.gateway.call;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpEngine;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipBindException;
import org.linescribe.gateway.sip.SipServer;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.Sessions;

/**
 * The SIP door: takes calls and gives their audio to {@link Sessions}.
 *
 * <p>Life: {@link #start}, {@link #drain} to let the calls' last words be kept, {@link #stop}. Once
 * only. Thread: one at a time for these; the addresses from any.
 */
public final class SipGateway implements AutoCloseable {
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);
  private final SipSettings sipSettings;
  private final RtpSettings rtpSettings;
  private final CallSettings callSettings;
  private final Sessions sessions;
  private final MeterRegistry registry;
  private final Clock clock;
  private final LongSupplier nanoClock;
  private @Nullable RtpEngine rtp;
  private @Nullable CallRoom calls;
  private @Nullable SipServer sip;

  public SipGateway(
      SipSettings sipSettings,
      RtpSettings rtpSettings,
      CallSettings callSettings,
      Sessions sessions,
      MeterRegistry registry,
      Clock clock) {
    this(sipSettings, rtpSettings, callSettings, sessions, registry, clock, System::nanoTime);
  }

  /**
   * @param nanoClock monotonic; by it media is placed in time and times out
   */
  SipGateway(
      SipSettings sipSettings,
      RtpSettings rtpSettings,
      CallSettings callSettings,
      Sessions sessions,
      MeterRegistry registry,
      Clock clock,
      LongSupplier nanoClock) {
    this.sipSettings = sipSettings;
    this.rtpSettings = rtpSettings;
    this.callSettings = callSettings;
    this.sessions = sessions;
    this.registry = registry;
    this.clock = clock;
    this.nanoClock = nanoClock;
  }

  /**
   * Binds and serves.
   *
   * @throws SipBindException when the address cannot be had; nothing is left open
   * @throws IllegalArgumentException when a bind setting names no address of this machine
   */
  public void start() throws SipBindException {
    InetAddress rtpAddress = rtpAddress();
    RtpEngine engine = new RtpEngine(rtpSettings, rtpAddress, registry, clock, nanoClock);
    CallRoom room =
        new CallRoom(
            callSettings,
            sessions,
            engine,
            registry,
            clock,
            nanoClock,
            sipSettings.advertisedAddress(),
            rtpAddress);
    SipServer server = new SipServer(sipSettings, room, registry);
    try {
      server.start();
    } catch (SipBindException | RuntimeException e) {
      server.close();
      engine.close();
      throw e;
    }
    rtp = engine;
    calls = room;
    sip = server;
  }

  private InetAddress rtpAddress() {
    boolean asSip = rtpSettings.bind().isBlank();
    String bind = asSip ? sipSettings.bind() : rtpSettings.bind();
    try {
      return InetAddress.getByName(asSip ? bind.substring(0, bind.lastIndexOf(':')) : bind);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          (asSip ? "linescribe.sip.bind: '" : "linescribe.rtp.bind: '")
              + bind
              + "' (expected: an address of this machine)",
          e);
    }
  }

  /** Where SIP over UDP listens. */
  public InetSocketAddress udpAddress() {
    return Objects.requireNonNull(sip, "not started").udpAddress();
  }

  /** Where SIP over TCP listens: the same port. */
  public InetSocketAddress tcpAddress() {
    return Objects.requireNonNull(sip, "not started").tcpAddress();
  }

  /** Calls that are not over, those included whose last words are being kept. */
  public int openCalls() {
    return calls == null ? 0 : calls.size();
  }

  /**
   * Refuses new calls with 503, ends the open ones: their last words are recognised and kept, then
   * the peers get a BYE. Returns when all are over, or after {@code atMost}.
   */
  public void drain(Duration atMost) throws InterruptedException {
    if (calls != null) {
      calls.drain(atMost);
    }
  }

  /** Closes the sockets. Calls that are still open are ended before, in at most 2 s. Idempotent. */
  public void stop() {
    try {
      drain(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (sip != null) {
      sip.close();
      sip = null;
    }
    if (rtp != null) {
      rtp.close();
      rtp = null;
    }
  }

  @Override
  public void close() {
    stop();
  }
}
