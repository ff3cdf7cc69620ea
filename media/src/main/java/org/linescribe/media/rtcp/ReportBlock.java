package org.linescribe.media.rtcp;

import io.netty.buffer.ByteBuf;

/**
 * What one receiver reports of one source.
 *
 * <pre>
 * |                        SSRC of the source                     |
 * | fraction lost |       cumulative number of packets lost       |
 * |           extended highest sequence number received           |
 * |                      interarrival jitter                      |
 * |              last SR: middle 32 bits of its NTP time          |
 * |               delay since last SR, 1/65536 s                  |
 * </pre>
 *
 * <p>Source: RFC 3550 §6.4.1.
 *
 * @param ssrc 0..2^32-1, as all 32-bit fields
 * @param fractionLost 0..255, in 1/256 of the interval's packets
 * @param cumulativeLost signed 24 bits
 * @param jitterTicks in ticks of the source's RTP clock
 */
public record ReportBlock(
    long ssrc,
    int fractionLost,
    int cumulativeLost,
    long extendedHighestSequenceNumber,
    long jitterTicks,
    long lastSenderReport,
    long delaySinceLastSenderReport) {
  static final int BYTES = 24;

  /** The same for a clock that is faster by a factor than the one that jitter was measured by. */
  public ReportBlock inTicks(int factor) {
    return new ReportBlock(
        ssrc,
        fractionLost,
        cumulativeLost,
        extendedHighestSequenceNumber,
        Math.min(jitterTicks * factor, 0xFFFF_FFFFL),
        lastSenderReport,
        delaySinceLastSenderReport);
  }

  public ReportBlock {
    RtcpFields.checkUnsigned32("ssrc", ssrc);
    RtcpFields.check("fractionLost", fractionLost, 0, 255);
    RtcpFields.check("cumulativeLost", cumulativeLost, -0x80_0000, 0x7F_FFFF);
    RtcpFields.checkUnsigned32("extendedHighestSequenceNumber", extendedHighestSequenceNumber);
    RtcpFields.checkUnsigned32("jitterTicks", jitterTicks);
    RtcpFields.checkUnsigned32("lastSenderReport", lastSenderReport);
    RtcpFields.checkUnsigned32("delaySinceLastSenderReport", delaySinceLastSenderReport);
  }

  static ReportBlock read(ByteBuf in) {
    return new ReportBlock(
        in.readUnsignedInt(),
        in.readUnsignedByte(),
        in.readMedium(),
        in.readUnsignedInt(),
        in.readUnsignedInt(),
        in.readUnsignedInt(),
        in.readUnsignedInt());
  }

  void writeTo(ByteBuf dst) {
    dst.writeInt((int) ssrc);
    dst.writeByte(fractionLost);
    dst.writeMedium(cumulativeLost);
    dst.writeInt((int) extendedHighestSequenceNumber);
    dst.writeInt((int) jitterTicks);
    dst.writeInt((int) lastSenderReport);
    dst.writeInt((int) delaySinceLastSenderReport);
  }
}
