package org.linescribe.gateway.srtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jitsi.srtp.BaseSrtpCryptoContext;
import org.jitsi.srtp.SrtcpCryptoContext;
import org.jitsi.srtp.SrtpContextFactory;
import org.jitsi.srtp.SrtpCryptoContext;
import org.jitsi.srtp.SrtpErrorStatus;
import org.jitsi.srtp.crypto.Aes;
import org.jitsi.utils.logging2.Logger;
import org.jitsi.utils.logging2.LoggerImpl;
import org.jspecify.annotations.Nullable;

/**
 * Protects and opens the packets of one stream in place: encryption, authentication and replay
 * protection by jitsi-srtp, with the JDK's ciphers, and OpenSSL's HMAC where the machine has
 * OpenSSL.
 *
 * <p>A source (SSRC) is known once one of its packets was authentic, so that forged ones take no
 * memory, and at most {@value #MAX_SOURCES} at a time.
 *
 * <p>Ownership: buffers are borrowed and changed. Thread: the session's event loop. Source: RFC
 * 3711, RFC 7714.
 */
public final class SrtpSession {
  /** What became of a received packet. */
  public enum Opened {
    OK,
    /** The tag is wrong, or the packet is no SRTP. */
    FORGED,
    /** Its number was seen before, or is too old to tell. */
    REPLAYED
  }

  static final int MAX_SOURCES = 16;

  /** Tag, and the SRTCP index. */
  private static final int MAX_GROWTH_BYTES = 16 + 4;

  private static final int MIN_RTP_BYTES = 12;
  private static final int MIN_RTCP_BYTES = 8;
  private static final Logger SILENT = silent();

  static {
    // Else the library measures the ciphers of every provider at the first call.
    Aes.setFactoryClassName(Aes.class.getName() + "$SunJCECipherFactory");
  }

  private final SrtpContextFactory sendFactory;
  private final SrtpContextFactory receiveFactory;
  private final Map<Integer, SrtpCryptoContext> rtpSources = bounded();
  private final Map<Integer, SrtcpCryptoContext> rtcpSources = bounded();
  private final PacketBytes bytes = new PacketBytes();
  private @Nullable SrtpCryptoContext rtpSender;
  private @Nullable SrtcpCryptoContext rtcpSender;

  public SrtpSession(SrtpKeys keys) {
    this.sendFactory = factory(true, keys.send());
    this.receiveFactory = factory(false, keys.receive());
  }

  private static Logger silent() {
    LoggerImpl logger = new LoggerImpl("org.jitsi.srtp");
    logger.setLevelOff();
    return logger;
  }

  private static SrtpContextFactory factory(boolean sender, SrtpKey key) {
    return new SrtpContextFactory(
        sender, key.key(), key.salt(), key.suite().rtpPolicy(), key.suite().rtcpPolicy(), SILENT);
  }

  private static <C extends BaseSrtpCryptoContext> Map<Integer, C> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Integer, C> eldest) {
        return size() > MAX_SOURCES;
      }
    };
  }

  /** Loads classes and libraries, which would hold up the first call. Blocks. */
  public static void prepare() {
    SrtpKey key = SrtpKey.random(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
    ByteBuf packet = Unpooled.buffer(64).writeZero(32);
    new SrtpSession(new SrtpKeys(key, key)).protectRtp(packet);
    packet.release();
  }

  /** Opens a received RTP packet; the buffer's length shrinks by the tag. */
  public Opened openRtp(ByteBuf packet) {
    if (packet.readableBytes() < MIN_RTP_BYTES || !bytes.read(packet)) {
      return Opened.FORGED;
    }
    int ssrc = packet.getInt(packet.readerIndex() + 8);
    try {
      SrtpCryptoContext known = rtpSources.get(ssrc);
      SrtpCryptoContext context = known == null ? receiveFactory.deriveContext(ssrc, 0) : known;
      Opened opened = result(context.reverseTransformPacket(bytes, false));
      if (opened == Opened.OK) {
        rtpSources.putIfAbsent(ssrc, context);
        bytes.write(packet);
      }
      return opened;
    } catch (GeneralSecurityException | RuntimeException e) {
      // The library throws on some malformed headers: a packet from the wire never throws here.
      return Opened.FORGED;
    }
  }

  /** Opens a received RTCP packet. */
  public Opened openRtcp(ByteBuf packet) {
    if (packet.readableBytes() < MIN_RTCP_BYTES + 4 || !bytes.read(packet)) {
      return Opened.FORGED;
    }
    int ssrc = packet.getInt(packet.readerIndex() + 4);
    try {
      SrtcpCryptoContext known = rtcpSources.get(ssrc);
      SrtcpCryptoContext context =
          known == null ? receiveFactory.deriveControlContext(ssrc) : known;
      Opened opened = result(context.reverseTransformPacket(bytes));
      if (opened == Opened.OK) {
        rtcpSources.putIfAbsent(ssrc, context);
        bytes.write(packet);
      }
      return opened;
    } catch (GeneralSecurityException | RuntimeException e) {
      return Opened.FORGED;
    }
  }

  private static Opened result(SrtpErrorStatus status) {
    return switch (status) {
      case OK -> Opened.OK;
      case REPLAY_FAIL, REPLAY_OLD -> Opened.REPLAYED;
      case FAIL, AUTH_FAIL, INVALID_PACKET -> Opened.FORGED;
    };
  }

  /** Protects an RTP packet that we send; the buffer grows by the tag. */
  public void protectRtp(ByteBuf packet) {
    int ssrc = packet.getInt(packet.readerIndex() + 8);
    try {
      if (rtpSender == null || rtpSender.getSsrc() != ssrc) {
        rtpSender = sendFactory.deriveContext(ssrc, 0);
      }
      bytes.read(packet);
      check(rtpSender.transformPacket(bytes));
      bytes.write(packet);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Protects an RTCP packet that we send. */
  public void protectRtcp(ByteBuf packet) {
    int ssrc = packet.getInt(packet.readerIndex() + 4);
    try {
      if (rtcpSender == null || rtcpSender.getSsrc() != ssrc) {
        rtcpSender = sendFactory.deriveControlContext(ssrc);
      }
      bytes.read(packet);
      check(rtcpSender.transformPacket(bytes));
      bytes.write(packet);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void check(SrtpErrorStatus status) {
    if (status != SrtpErrorStatus.OK) {
      throw new IllegalStateException("SRTP: " + status);
    }
  }

  static int maxGrowthBytes() {
    return MAX_GROWTH_BYTES;
  }
}
