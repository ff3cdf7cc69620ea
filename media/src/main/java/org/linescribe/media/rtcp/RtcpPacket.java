package org.linescribe.media.rtcp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * One packet of an RTCP compound, as a value.
 *
 * <p>Every packet begins with the same word; {@code count} is of reports, chunks or sources, or a
 * subtype:
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|  count  |  packet type  |  length in words, less one    |
 * </pre>
 *
 * <p>32-bit fields are {@code long}, 0..2^32-1. Thread: any; immutable. Source: RFC 3550 §6.4 to
 * §6.7.
 */
public sealed interface RtcpPacket {
  /** 192..223. */
  int packetType();

  /**
   * What a source has sent, and what it received. SR, 200.
   *
   * @param ntpTimestamp 64 bits as {@link NtpTime} makes them
   * @param rtpTimestamp the same instant on the RTP clock
   * @param packetCount packets sent so far, modulo 2^32
   * @param octetCount bytes of payload sent so far, modulo 2^32
   * @param reports at most 31
   */
  record SenderReport(
      long ssrc,
      long ntpTimestamp,
      long rtpTimestamp,
      long packetCount,
      long octetCount,
      List<ReportBlock> reports)
      implements RtcpPacket {
    public static final int TYPE = 200;

    public SenderReport {
      RtcpFields.checkUnsigned32("ssrc", ssrc);
      RtcpFields.checkUnsigned32("rtpTimestamp", rtpTimestamp);
      RtcpFields.checkUnsigned32("packetCount", packetCount);
      RtcpFields.checkUnsigned32("octetCount", octetCount);
      reports = List.copyOf(reports);
      RtcpFields.check("reports", reports.size(), 0, RtcpFields.MAX_COUNT);
    }

    @Override
    public int packetType() {
      return TYPE;
    }
  }

  /**
   * What somebody who sends nothing received. RR, 201.
   *
   * @param reports at most 31; none is allowed, to begin a compound
   */
  record ReceiverReport(long ssrc, List<ReportBlock> reports) implements RtcpPacket {
    public static final int TYPE = 201;

    public ReceiverReport {
      RtcpFields.checkUnsigned32("ssrc", ssrc);
      reports = List.copyOf(reports);
      RtcpFields.check("reports", reports.size(), 0, RtcpFields.MAX_COUNT);
    }

    @Override
    public int packetType() {
      return TYPE;
    }
  }

  /**
   * Who the sources are. SDES, 202.
   *
   * @param chunks at most 31
   */
  record SourceDescription(List<Chunk> chunks) implements RtcpPacket {
    public static final int TYPE = 202;

    /** The canonical name, the one item that every compound must carry. */
    public static final int CNAME = 1;

    /** The items that describe one source. */
    public record Chunk(long ssrc, List<Item> items) {
      public Chunk {
        RtcpFields.checkUnsigned32("ssrc", ssrc);
        items = List.copyOf(items);
      }
    }

    /**
     * @param type 1..255: 1 CNAME, 2 NAME, 3 EMAIL, 4 PHONE, 5 LOC, 6 TOOL, 7 NOTE, 8 PRIV
     * @param text sent as UTF-8, cut to 255 bytes; for PRIV the raw bytes read as UTF-8
     */
    public record Item(int type, String text) {
      public Item {
        RtcpFields.check("type", type, 1, 255);
        RtcpFields.check("text bytes", text.getBytes(StandardCharsets.UTF_8).length, 0, 765);
      }
    }

    public SourceDescription {
      chunks = List.copyOf(chunks);
      RtcpFields.check("chunks", chunks.size(), 0, RtcpFields.MAX_COUNT);
    }

    /** One source's canonical name. */
    public static SourceDescription cname(long ssrc, String cname) {
      return new SourceDescription(List.of(new Chunk(ssrc, List.of(new Item(CNAME, cname)))));
    }

    @Override
    public int packetType() {
      return TYPE;
    }
  }

  /**
   * Sources that leave. BYE, 203.
   *
   * @param ssrcs at most 31
   * @param reason sent as UTF-8, cut to 255 bytes; empty when none was given
   */
  record Bye(List<Long> ssrcs, String reason) implements RtcpPacket {
    public static final int TYPE = 203;

    public Bye {
      ssrcs = List.copyOf(ssrcs);
      RtcpFields.check("ssrcs", ssrcs.size(), 0, RtcpFields.MAX_COUNT);
      ssrcs.forEach(ssrc -> RtcpFields.checkUnsigned32("ssrc", ssrc));
    }

    @Override
    public int packetType() {
      return TYPE;
    }
  }

  /**
   * An application's own. APP, 204.
   *
   * @param subtype 0..31
   * @param name four ASCII characters
   * @param data whole 32-bit words
   */
  record App(int subtype, long ssrc, String name, byte[] data) implements RtcpPacket {
    public static final int TYPE = 204;

    public App {
      RtcpFields.check("subtype", subtype, 0, RtcpFields.MAX_COUNT);
      RtcpFields.checkUnsigned32("ssrc", ssrc);
      RtcpFields.check("name characters", name.length(), 4, 4);
      RtcpFields.check("data bytes modulo 4", data.length % 4, 0, 0);
      data = data.clone();
    }

    @Override
    public byte[] data() {
      return data.clone();
    }

    @Override
    public int packetType() {
      return TYPE;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof App app
          && subtype == app.subtype
          && ssrc == app.ssrc
          && name.equals(app.name)
          && Arrays.equals(data, app.data);
    }

    @Override
    public int hashCode() {
      return 31 * Long.hashCode(ssrc) + Arrays.hashCode(data);
    }
  }

  /**
   * A type that is not read here (feedback, extended reports): skipped, so that its neighbours are
   * read.
   *
   * @param packetType 192..223
   * @param count the head's 5 bits
   */
  record Other(int packetType, int count) implements RtcpPacket {
    public Other {
      RtcpFields.check("packetType", packetType, 192, 223);
      RtcpFields.check("count", count, 0, RtcpFields.MAX_COUNT);
    }
  }
}
