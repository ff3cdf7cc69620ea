package org.linescribe.media.rtcp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.rtcp.RtcpPacket.App;
import org.linescribe.media.rtcp.RtcpPacket.Bye;
import org.linescribe.media.rtcp.RtcpPacket.Other;
import org.linescribe.media.rtcp.RtcpPacket.ReceiverReport;
import org.linescribe.media.rtcp.RtcpPacket.SenderReport;
import org.linescribe.media.rtcp.RtcpPacket.SourceDescription;
import org.linescribe.media.rtcp.RtcpPacket.SourceDescription.Chunk;
import org.linescribe.media.rtcp.RtcpPacket.SourceDescription.Item;

/**
 * The packets of one RTCP datagram. It is valid as a whole or not at all, as RFC 3550 §A.2 asks:
 * reduced-size RTCP (RFC 5506) is not negotiated and not taken.
 *
 * <p>Ownership: datagrams are borrowed; reading moves no index. Thread: the session's event loop.
 * Errors: bytes from the wire never throw.
 *
 * @param defect {@link RtcpDefect#NONE}, or why there are no packets
 * @param packets in order; empty on a defect
 */
public record RtcpCompound(RtcpDefect defect, List<RtcpPacket> packets) {
  private static final int HEAD_BYTES = 4;

  public RtcpCompound {
    packets = List.copyOf(packets);
  }

  /** Reads the datagram's readable bytes. */
  public static RtcpCompound parse(ByteBuf datagram) {
    RtcpDefect heads = checkHeads(datagram);
    if (heads != RtcpDefect.NONE) {
      return new RtcpCompound(heads, List.of());
    }
    List<RtcpPacket> packets = new ArrayList<>();
    int at = datagram.readerIndex();
    int end = datagram.writerIndex();
    while (at < end) {
      int length = 4 * (datagram.getUnsignedShort(at + 2) + 1);
      boolean padded = (datagram.getByte(at) & 0x20) != 0;
      int padding = padded ? datagram.getUnsignedByte(at + length - 1) : 0;
      int count = datagram.getByte(at) & 0x1F;
      int type = datagram.getUnsignedByte(at + 1);
      RtcpPacket packet =
          read(type, count, datagram.slice(at + HEAD_BYTES, length - HEAD_BYTES - padding));
      if (packet == null) {
        return new RtcpCompound(RtcpDefect.BODY_TOO_SHORT, List.of());
      }
      packets.add(packet);
      at += length;
    }
    return new RtcpCompound(RtcpDefect.NONE, packets);
  }

  private static RtcpDefect checkHeads(ByteBuf datagram) {
    int begin = datagram.readerIndex();
    int end = datagram.writerIndex();
    int at = begin;
    do {
      if (end - at < HEAD_BYTES) {
        return RtcpDefect.TOO_SHORT;
      }
      int first = datagram.getUnsignedByte(at);
      int type = datagram.getUnsignedByte(at + 1);
      int length = 4 * (datagram.getUnsignedShort(at + 2) + 1);
      boolean padded = (first & 0x20) != 0;
      if (first >> 6 != 2) {
        return RtcpDefect.BAD_VERSION;
      }
      if (type < 192 || type > 223) {
        return RtcpDefect.NOT_RTCP;
      }
      boolean isReport = type == SenderReport.TYPE || type == ReceiverReport.TYPE;
      // A compound of one padded report is legal; §A.2's stricter test would refuse it.
      if (at == begin && !isReport) {
        return RtcpDefect.BAD_FIRST_PACKET;
      }
      if (length > end - at) {
        return RtcpDefect.LENGTH_BEYOND_END;
      }
      if (padded) {
        int padding = datagram.getUnsignedByte(at + length - 1);
        if (at + length != end
            || padding == 0
            || padding % 4 != 0
            || padding > length - HEAD_BYTES) {
          return RtcpDefect.BAD_PADDING;
        }
      }
      at += length;
    } while (at < end);
    return RtcpDefect.NONE;
  }

  private static @Nullable RtcpPacket read(int type, int count, ByteBuf body) {
    int available = body.readableBytes();
    return switch (type) {
      case SenderReport.TYPE ->
          available < 24 + count * ReportBlock.BYTES
              ? null
              : new SenderReport(
                  body.readUnsignedInt(),
                  body.readLong(),
                  body.readUnsignedInt(),
                  body.readUnsignedInt(),
                  body.readUnsignedInt(),
                  reports(count, body));
      case ReceiverReport.TYPE ->
          available < 4 + count * ReportBlock.BYTES
              ? null
              : new ReceiverReport(body.readUnsignedInt(), reports(count, body));
      case SourceDescription.TYPE -> readDescription(count, body);
      case Bye.TYPE -> readBye(count, body);
      case App.TYPE -> available < 8 ? null : readApp(count, body);
      default -> new Other(type, count);
    };
  }

  private static List<ReportBlock> reports(int count, ByteBuf body) {
    List<ReportBlock> reports = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      reports.add(ReportBlock.read(body));
    }
    return reports;
  }

  private static @Nullable RtcpPacket readDescription(int count, ByteBuf body) {
    List<Chunk> chunks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      if (body.readableBytes() < 8) {
        return null;
      }
      long ssrc = body.readUnsignedInt();
      List<Item> items = new ArrayList<>();
      int type = body.readUnsignedByte();
      while (type != 0) {
        if (!body.isReadable()
            || body.readableBytes() < 1 + body.getUnsignedByte(body.readerIndex())) {
          return null;
        }
        int length = body.readUnsignedByte();
        items.add(new Item(type, body.readString(length, StandardCharsets.UTF_8)));
        if (!body.isReadable()) {
          return null;
        }
        type = body.readUnsignedByte();
      }
      // The list's null byte is followed by as many as the next word boundary asks for.
      int pad = -body.readerIndex() & 3;
      if (body.readableBytes() < pad) {
        return null;
      }
      body.skipBytes(pad);
      chunks.add(new Chunk(ssrc, items));
    }
    return new SourceDescription(chunks);
  }

  private static @Nullable RtcpPacket readBye(int count, ByteBuf body) {
    if (body.readableBytes() < 4 * count) {
      return null;
    }
    List<Long> ssrcs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ssrcs.add(body.readUnsignedInt());
    }
    if (!body.isReadable()) {
      return new Bye(ssrcs, "");
    }
    int length = body.readUnsignedByte();
    if (body.readableBytes() < length) {
      return null;
    }
    return new Bye(ssrcs, body.readString(length, StandardCharsets.UTF_8));
  }

  private static RtcpPacket readApp(int subtype, ByteBuf body) {
    long ssrc = body.readUnsignedInt();
    String name = body.readString(4, StandardCharsets.ISO_8859_1);
    byte[] data = new byte[body.readableBytes() / 4 * 4];
    body.readBytes(data);
    return new App(subtype, ssrc, name, data);
  }

  /**
   * Appends packets at {@code dst}'s writer index as one compound; borrowed.
   *
   * @param packets the first a sender or receiver report, as §6.1 demands
   */
  public static void write(ByteBuf dst, List<RtcpPacket> packets) {
    if (packets.isEmpty()
        || !(packets.getFirst() instanceof SenderReport
            || packets.getFirst() instanceof ReceiverReport)) {
      throw new IllegalArgumentException("compound: must begin with a sender or receiver report");
    }
    for (RtcpPacket packet : packets) {
      int start = dst.writerIndex();
      dst.writeZero(HEAD_BYTES);
      int count = writeBody(dst, packet);
      int length = dst.writerIndex() - start;
      dst.setByte(start, 0x80 | count);
      dst.setByte(start + 1, packet.packetType());
      dst.setShort(start + 2, length / 4 - 1);
    }
  }

  private static int writeBody(ByteBuf dst, RtcpPacket packet) {
    return switch (packet) {
      case SenderReport report -> {
        dst.writeInt((int) report.ssrc());
        dst.writeLong(report.ntpTimestamp());
        dst.writeInt((int) report.rtpTimestamp());
        dst.writeInt((int) report.packetCount());
        dst.writeInt((int) report.octetCount());
        report.reports().forEach(block -> block.writeTo(dst));
        yield report.reports().size();
      }
      case ReceiverReport report -> {
        dst.writeInt((int) report.ssrc());
        report.reports().forEach(block -> block.writeTo(dst));
        yield report.reports().size();
      }
      case SourceDescription description -> {
        description.chunks().forEach(chunk -> writeChunk(dst, chunk));
        yield description.chunks().size();
      }
      case Bye bye -> {
        bye.ssrcs().forEach(ssrc -> dst.writeInt(ssrc.intValue()));
        if (!bye.reason().isEmpty()) {
          int start = dst.writerIndex();
          writeText(dst, bye.reason());
          dst.writeZero(-(dst.writerIndex() - start) & 3);
        }
        yield bye.ssrcs().size();
      }
      case App app -> {
        dst.writeInt((int) app.ssrc());
        dst.writeBytes(app.name().getBytes(StandardCharsets.ISO_8859_1));
        dst.writeBytes(app.data());
        yield app.subtype();
      }
      case Other other -> other.count();
    };
  }

  private static void writeChunk(ByteBuf dst, Chunk chunk) {
    int start = dst.writerIndex();
    dst.writeInt((int) chunk.ssrc());
    for (Item item : chunk.items()) {
      dst.writeByte(item.type());
      writeText(dst, item.text());
    }
    dst.writeByte(0);
    dst.writeZero(-(dst.writerIndex() - start) & 3);
  }

  /** Length and text; what does not fit 255 bytes is cut between two characters. */
  private static void writeText(ByteBuf dst, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, 255);
    while (length < bytes.length && (bytes[length] & 0xC0) == 0x80) {
      length--;
    }
    dst.writeByte(length);
    dst.writeBytes(bytes, 0, length);
  }
}
