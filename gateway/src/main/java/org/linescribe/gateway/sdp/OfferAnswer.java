package org.linescribe.gateway.sdp;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.linescribe.media.g711.G711Law;

/**
 * One side of a call's offers and answers: which stream and codec are taken, and the words for it.
 * The first audio stream over RTP/AVP with PCMU or PCMA is taken; every other is refused with port
 * 0. The offerer's order of codecs decides.
 *
 * <p>Thread: one at a time. Source: RFC 3264, RFC 8866, RFC 3551, RFC 4733 §2.4, RFC 3605, RFC 5761
 * §5.1.
 */
public final class OfferAnswer {
  /** Payload type of telephone-event in {@link #offer}. */
  public static final int OFFERED_TELEPHONE_EVENT = 101;

  private static final Duration PACKET_TIME = Duration.ofMillis(20);

  private final String address;
  private final int rtpPort;
  private final long sessionNumber;
  private long version;

  /**
   * @param address the address that the peer is told
   * @param rtpPort our RTP port; RTCP is the next one
   * @param sessionNumber a number of this session, for the o-line
   */
  public OfferAnswer(String address, int rtpPort, long sessionNumber) {
    this.address = address;
    this.rtpPort = rtpPort;
    this.sessionNumber = sessionNumber & Long.MAX_VALUE;
  }

  /** An answer with what it agrees to. */
  public record Answer(NegotiatedMedia media, byte[] text) {}

  /**
   * Answers an offer.
   *
   * @return empty when no stream of it can be taken: 488
   */
  public Optional<Answer> answer(SessionDescription offer) {
    List<String> lines = new ArrayList<>();
    Optional<NegotiatedMedia> taken = Optional.empty();
    for (MediaDescription stream : offer.media()) {
      Optional<NegotiatedMedia> media =
          taken.isEmpty() ? negotiate(offer, stream) : Optional.empty();
      if (media.isPresent()) {
        taken = media;
        describe(lines, media.get(), stream);
      } else {
        // The refused line keeps its kind, protocol and a format: RFC 3264 §6.
        lines.add(
            "m=" + stream.media() + " 0 " + stream.protocol() + " " + stream.formats().getFirst());
      }
    }
    return taken.map(media -> new Answer(media, text(lines)));
  }

  /** The offer of a 200 to an INVITE that had none. */
  public byte[] offer() {
    List<String> lines = new ArrayList<>();
    lines.add("m=audio " + rtpPort + " RTP/AVP 0 8 " + OFFERED_TELEPHONE_EVENT);
    lines.add("a=rtpmap:0 PCMU/8000");
    lines.add("a=rtpmap:8 PCMA/8000");
    lines.add("a=rtpmap:" + OFFERED_TELEPHONE_EVENT + " telephone-event/8000");
    lines.add("a=fmtp:" + OFFERED_TELEPHONE_EVENT + " 0-16");
    lines.add("a=ptime:20");
    lines.add("a=rtcp:" + (rtpPort + 1));
    lines.add("a=sendrecv");
    return text(lines);
  }

  /**
   * Reads the answer to {@link #offer}.
   *
   * @return empty when it takes nothing of the offer
   */
  public Optional<NegotiatedMedia> accept(SessionDescription answer) {
    return answer.media().isEmpty()
        ? Optional.empty()
        : negotiate(answer, answer.media().getFirst());
  }

  private static Optional<NegotiatedMedia> negotiate(
      SessionDescription session, MediaDescription stream) {
    Optional<String> host = stream.connection().or(session::connection);
    if (!stream.media().equals("audio")
        || !(stream.protocol().equals("RTP/AVP") || stream.protocol().equals("RTP/AVPF"))
        || stream.port() == 0
        || host.isEmpty()) {
      return Optional.empty();
    }
    OptionalInt chosen = OptionalInt.empty();
    G711Law law = G711Law.PCMU;
    OptionalInt telephoneEvent = OptionalInt.empty();
    for (String format : stream.formats()) {
      Optional<Integer> payloadType = payloadType(format);
      if (payloadType.isEmpty()) {
        continue;
      }
      String encoding = encoding(stream, payloadType.get());
      Optional<G711Law> known = law(encoding);
      if (known.isPresent() && chosen.isEmpty()) {
        chosen = OptionalInt.of(payloadType.get());
        law = known.get();
      } else if (encoding.equals("TELEPHONE-EVENT/8000") && telephoneEvent.isEmpty()) {
        telephoneEvent = OptionalInt.of(payloadType.get());
      }
    }
    if (chosen.isEmpty()) {
      return Optional.empty();
    }
    boolean zero = host.get().equals("0.0.0.0") || host.get().equals("::");
    MediaDirection theirs = session.direction(stream);
    // 0.0.0.0 is RFC 2543's hold: the peer takes no media, whatever else it says.
    MediaDirection ours =
        zero && theirs.receives()
            ? (theirs.sends() ? MediaDirection.RECVONLY : MediaDirection.INACTIVE)
            : theirs.reversed();
    boolean mux = stream.has("rtcp-mux");
    RtcpTarget rtcp = rtcp(stream, host.get(), mux);
    return Optional.of(
        new NegotiatedMedia(
            law,
            chosen.getAsInt(),
            telephoneEvent,
            host.get(),
            zero ? 0 : stream.port(),
            rtcp.host(),
            zero ? 0 : rtcp.port(),
            mux,
            ours,
            packetTime(stream)));
  }

  private record RtcpTarget(String host, int port) {}

  /** Source: RFC 3605 §2.1. */
  private static RtcpTarget rtcp(MediaDescription stream, String host, boolean mux) {
    if (mux) {
      return new RtcpTarget(host, stream.port());
    }
    String[] parts = stream.attribute("rtcp").orElse("").split("\\s+");
    if (parts[0].matches("\\d{1,5}") && Integer.parseInt(parts[0]) <= 65535) {
      boolean hasAddress = parts.length == 4 && parts[3].matches("[A-Za-z0-9.:_-]{1,253}");
      return new RtcpTarget(hasAddress ? parts[3] : host, Integer.parseInt(parts[0]));
    }
    return new RtcpTarget(host, Math.min(65535, stream.port() + 1));
  }

  private static Duration packetTime(MediaDescription stream) {
    int wished = number(stream.attribute("ptime"), 20);
    int most = number(stream.attribute("maxptime"), 60);
    // Whole 10 ms, 10 to 60: what every G.711 endpoint takes.
    return Duration.ofMillis(Math.clamp(Math.min(wished, most) / 10 * 10, 10, 60));
  }

  private static int number(Optional<String> text, int otherwise) {
    return text.filter(t -> t.matches("\\d{1,4}")).map(Integer::parseInt).orElse(otherwise);
  }

  private static Optional<Integer> payloadType(String format) {
    return format.matches("\\d{1,3}") && Integer.parseInt(format) <= 127
        ? Optional.of(Integer.parseInt(format))
        : Optional.empty();
  }

  /** "PCMU/8000" and the like in upper case: by rtpmap, else by the static payload types. */
  private static String encoding(MediaDescription stream, int payloadType) {
    String prefix = payloadType + " ";
    for (Attribute attribute : stream.attributes()) {
      if (attribute.name().equals("rtpmap") && attribute.value().startsWith(prefix)) {
        String encoding =
            attribute.value().substring(prefix.length()).strip().toUpperCase(Locale.ROOT);
        return encoding.endsWith("/1") ? encoding.substring(0, encoding.length() - 2) : encoding;
      }
    }
    return switch (payloadType) {
      case 0 -> "PCMU/8000";
      case 8 -> "PCMA/8000";
      default -> "";
    };
  }

  private static Optional<G711Law> law(String encoding) {
    return switch (encoding) {
      case "PCMU/8000" -> Optional.of(G711Law.PCMU);
      case "PCMA/8000" -> Optional.of(G711Law.PCMA);
      default -> Optional.empty();
    };
  }

  private void describe(List<String> lines, NegotiatedMedia media, MediaDescription offered) {
    StringBuilder formats = new StringBuilder().append(media.payloadType());
    media.telephoneEvent().ifPresent(type -> formats.append(' ').append(type));
    lines.add("m=audio " + rtpPort + " " + offered.protocol() + " " + formats);
    lines.add("a=rtpmap:" + media.payloadType() + " " + media.law() + "/8000");
    media
        .telephoneEvent()
        .ifPresent(
            type -> {
              lines.add("a=rtpmap:" + type + " telephone-event/8000");
              lines.add("a=fmtp:" + type + " 0-16");
            });
    lines.add("a=ptime:" + media.packetTime().toMillis());
    lines.add("a=" + media.direction().attribute());
    offered.attribute("mid").ifPresent(mid -> lines.add("a=mid:" + mid));
    if (media.rtcpMux()) {
      lines.add("a=rtcp-mux");
    } else if (offered.has("rtcp")) {
      lines.add("a=rtcp:" + (rtpPort + 1));
    }
  }

  private byte[] text(List<String> media) {
    version++;
    String type = address.contains(":") ? "IP6" : "IP4";
    List<String> lines = new ArrayList<>();
    lines.add("v=0");
    lines.add("o=linescribe " + sessionNumber + " " + version + " IN " + type + " " + address);
    lines.add("s=-");
    lines.add("c=IN " + type + " " + address);
    lines.add("t=0 0");
    lines.addAll(media);
    return (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8);
  }
}
