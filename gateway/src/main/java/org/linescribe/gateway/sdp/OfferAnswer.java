package org.linescribe.gateway.sdp;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.linescribe.gateway.ice.IceSession;
import org.linescribe.media.codec.AudioCodec;

/**
 * Our side of a call's offer/answer exchanges. A call's first audio stream over RTP/AVP or RTP/SAVP
 * with a codec of {@link MediaPolicy#codecs} is accepted, of a recording session each (RFC 7866
 * §7.2); every other is rejected with port 0.
 *
 * <p>Thread: one at a time. Source: RFC 3264, RFC 8866, RFC 3551, RFC 4733 §2.4, RFC 3605, RFC 5761
 * §5.1, RFC 4568, RFC 5763, RFC 7587 §7, RFC 8839, RFC 9143.
 */
public final class OfferAnswer {
  /** Payload type of telephone-event in {@link #offer}. */
  public static final int OFFERED_TELEPHONE_EVENT = 101;

  private static final String ICE_LITE = "a=ice-lite";
  private static final Duration PACKET_TIME = Duration.ofMillis(20);

  private final String address;
  private final List<Integer> rtpPorts;
  private final MediaPolicy policy;
  private final boolean recording;
  private final List<CodecChoice> codecs;
  private final long sessionNumber;
  private final StreamLines placed = new StreamLines();

  /** By our port. */
  private final List<MediaSecurity> security;

  private final List<IceNegotiation> ice;

  private long version;

  /**
   * @param address the address in our descriptions
   * @param rtpPort our RTP port; RTCP is the next one
   * @param sessionNumber sess-id of the o-line
   */
  public OfferAnswer(String address, int rtpPort, long sessionNumber, MediaPolicy policy) {
    this(address, List.of(rtpPort), false, sessionNumber, policy);
  }

  private OfferAnswer(
      String address,
      List<Integer> rtpPorts,
      boolean recording,
      long sessionNumber,
      MediaPolicy policy) {
    this.policy = policy;
    this.security = new ArrayList<>();
    this.ice = new ArrayList<>();
    this.rtpPorts = new ArrayList<>();
    rtpPorts.forEach(this::addPort);
    this.address = address;
    this.recording = recording;
    this.codecs = policy.codecs();
    this.sessionNumber = sessionNumber & Long.MAX_VALUE;
  }

  /**
   * The side of a recording server, which only receives.
   *
   * @param rtpPorts our RTP port of each stream
   */
  public static OfferAnswer ofRecording(
      String address, List<Integer> rtpPorts, long sessionNumber, MediaPolicy policy) {
    return new OfferAnswer(address, rtpPorts, true, sessionNumber, policy);
  }

  /** A port for a stream that a later offer adds to a recording. */
  public final void addPort(int rtpPort) {
    rtpPorts.add(rtpPort);
    security.add(new MediaSecurity(policy));
    ice.add(new IceNegotiation());
  }

  /** The streams that an offer adds to a recording, each of which needs a port, in order. */
  public List<MediaDescription> added(SessionDescription offer) {
    int[] streams = placed.streams(offer, recordable(offer, policy));
    List<MediaDescription> added = new ArrayList<>();
    for (int line = 0; line < streams.length; line++) {
      if (streams[line] >= placed.count()) {
        added.add(offer.media().get(line));
      }
    }
    return added;
  }

  /**
   * An answer and the media that it negotiates.
   *
   * @param streams by our port; empty where the peer offers the stream no longer
   */
  public record NegotiatedAnswer(List<Optional<NegotiatedMedia>> streams, byte[] text) {
    public NegotiatedAnswer {
      streams = List.copyOf(streams);
    }

    /** The only stream of a call. */
    public NegotiatedMedia media() {
      return streams.getFirst().orElseThrow();
    }
  }

  /** The streams of an offer that a recording server would accept, in order. */
  public static List<MediaDescription> recordable(SessionDescription offer, MediaPolicy policy) {
    MediaSecurity security = new MediaSecurity(policy);
    return offer.media().stream()
        .filter(
            stream ->
                negotiate(
                        offer,
                        stream,
                        true,
                        policy.codecs(),
                        () -> security.answer(offer, stream),
                        Optional::empty)
                    .isPresent())
        .toList();
  }

  /**
   * Answers an offer.
   *
   * @return empty when no stream is acceptable: 488
   */
  public Optional<NegotiatedAnswer> answer(SessionDescription offer) {
    List<String> session = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    List<Optional<NegotiatedMedia>> taken =
        new ArrayList<>(Collections.nCopies(rtpPorts.size(), Optional.empty()));
    boolean isFirst = placed.count() == 0;
    int[] streams = recording ? placed.streams(offer, recordable(offer, policy)) : new int[0];
    for (int line = 0; line < offer.media().size(); line++) {
      MediaDescription stream = offer.media().get(line);
      int planned = recording ? streams[line] : taken.getFirst().isEmpty() ? 0 : -1;
      int index = planned < rtpPorts.size() ? planned : -1;
      Optional<NegotiatedMedia> media =
          index < 0
              ? Optional.empty()
              : negotiate(
                  offer,
                  stream,
                  recording,
                  codecs,
                  () -> security.get(index).answer(offer, stream),
                  () -> ice.get(index).answer(offer, stream));
      if (media.isPresent()) {
        placed.place(index, line, stream);
        taken.set(index, media);
        describe(lines, media.get(), stream, rtpPorts.get(index));
        lines.addAll(security.get(index).answerLines(media.get().protection()));
        session.addAll(sessionLines(offer, stream, media.get(), session));
      } else {
        // RFC 3264 §6: a rejected m-line keeps its media type, protocol and a format.
        lines.add(
            "m=" + stream.media() + " 0 " + stream.protocol() + " " + stream.formats().getFirst());
      }
    }
    // A recording client may stop all streams for a while (RFC 3264 §8.2).
    return taken.stream().allMatch(Optional::isEmpty) && (isFirst || !recording)
        ? Optional.empty()
        : Optional.of(new NegotiatedAnswer(taken, text(session, lines)));
  }

  /** What an accepted stream adds to the session's own lines. */
  private List<String> sessionLines(
      SessionDescription offer,
      MediaDescription stream,
      NegotiatedMedia media,
      List<String> before) {
    List<String> lines = new ArrayList<>();
    if (media.ice().isPresent() && !before.contains(ICE_LITE)) {
      lines.add(ICE_LITE);
    }
    // A browser that bundles wants the group of its only stream back (RFC 9143 §7.3).
    String mid = stream.attribute("mid").orElse("");
    boolean isBundled =
        Attribute.all(offer.attributes(), "group").stream()
            .map(group -> List.of(group.split("\\s+")))
            .anyMatch(group -> group.getFirst().equals("BUNDLE") && group.contains(mid));
    if (!recording && !mid.isEmpty() && isBundled) {
      lines.add("a=group:BUNDLE " + mid);
    }
    return lines;
  }

  /** Our offer, for a 200 to an INVITE without one. */
  public byte[] offer() {
    List<String> lines = new ArrayList<>();
    for (int index = 0; index < rtpPorts.size(); index++) {
      int rtpPort = rtpPorts.get(index);
      String protocol = security.get(index).offerProtocol();
      List<AudioCodec> offered =
          codecs.stream().flatMap(choice -> choice.codecs().stream()).toList();
      String formats =
          offered.stream().map(codec -> codec.payloadType() + " ").collect(Collectors.joining());
      lines.add("m=audio " + rtpPort + " " + protocol + " " + formats + OFFERED_TELEPHONE_EVENT);
      offered.forEach(codec -> lines.addAll(OfferedCodec.lines(codec, codec.payloadType())));
      lines.add("a=rtpmap:" + OFFERED_TELEPHONE_EVENT + " telephone-event/8000");
      lines.add("a=fmtp:" + OFFERED_TELEPHONE_EVENT + " 0-16");
      lines.add("a=ptime:20");
      lines.add("a=rtcp:" + (rtpPort + 1));
      lines.add(recording ? "a=recvonly" : "a=sendrecv");
      lines.addAll(security.get(index).offerLines());
    }
    return text(List.of(), lines);
  }

  /**
   * Applies the answer to {@link #offer}.
   *
   * @return by our port; empty when it rejects every stream of the offer
   */
  public List<Optional<NegotiatedMedia>> applyAnswer(SessionDescription answer) {
    List<Optional<NegotiatedMedia>> taken = new ArrayList<>();
    for (int index = 0; index < rtpPorts.size(); index++) {
      if (index >= answer.media().size()) {
        taken.add(Optional.empty());
        continue;
      }
      MediaDescription stream = answer.media().get(index);
      MediaSecurity own = security.get(index);
      taken.add(
          negotiate(
              answer,
              stream,
              recording,
              codecs,
              () -> own.applyAnswer(answer, stream),
              Optional::empty));
    }
    return taken.stream().allMatch(Optional::isEmpty) ? List.of() : taken;
  }

  /** Whether packets may come protected, by keys that only the answer to our offer tells. */
  public boolean offersKeys() {
    return security.getFirst().offersKeys();
  }

  /**
   * @param protection asked for a stream that is acceptable otherwise
   * @param ice asked last: a rejected stream must not restart the ICE of the accepted one
   */
  private static Optional<NegotiatedMedia> negotiate(
      SessionDescription session,
      MediaDescription stream,
      boolean recording,
      List<CodecChoice> codecs,
      Supplier<Optional<MediaProtection>> protection,
      Supplier<Optional<IceSession>> ice) {
    Optional<String> host = stream.connection().or(session::connection);
    if (recording && host.isEmpty()) {
      // Connectel's SBC gives no c-line at all. Nothing is sent to a recording client but RTCP.
      host = Optional.of("0.0.0.0");
    }
    if (!stream.media().equals("audio")
        || !(isPlainProtocol(stream.protocol())
            || MediaSecurity.isSecureProtocol(stream.protocol()))
        || stream.port() == 0
        || host.isEmpty()) {
      return Optional.empty();
    }
    Optional<OfferedCodec> chosen = OfferedCodec.best(stream, codecs);
    Optional<MediaProtection> protectedBy = chosen.isEmpty() ? Optional.empty() : protection.get();
    if (chosen.isEmpty() || protectedBy.isEmpty()) {
      return Optional.empty();
    }
    Optional<IceSession> agreedIce = ice.get();
    boolean zero = host.get().equals("0.0.0.0") || host.get().equals("::");
    MediaDirection theirs = session.direction(stream);
    // c=0.0.0.0 is hold by RFC 2543: the peer receives no media, whatever direction it declares.
    // With ICE it only says that the address is not known yet (RFC 8840 §4.1.3).
    MediaDirection ours =
        zero && agreedIce.isEmpty() && theirs.receives()
            ? (theirs.sends() ? MediaDirection.RECVONLY : MediaDirection.INACTIVE)
            : theirs.reversed();
    if (recording && ours.sends()) {
      ours = ours.receives() ? MediaDirection.RECVONLY : MediaDirection.INACTIVE;
    }
    boolean mux = stream.has("rtcp-mux");
    RtcpTarget rtcp = rtcp(stream, host.get(), mux);
    return Optional.of(
        new NegotiatedMedia(
            chosen.get().codec(),
            chosen.get().payloadType(),
            chosen.get().telephoneEvent(),
            host.get(),
            zero ? 0 : stream.port(),
            rtcp.host(),
            zero ? 0 : rtcp.port(),
            mux,
            ours,
            recording,
            packetTime(stream, chosen.get().codec()),
            protectedBy.get(),
            agreedIce));
  }

  private static boolean isPlainProtocol(String protocol) {
    return protocol.equals("RTP/AVP") || protocol.equals("RTP/AVPF");
  }

  private record RtcpTarget(String host, int port) {}

  /** Source: RFC 3605 §2.1. */
  private static RtcpTarget rtcp(MediaDescription stream, String host, boolean mux) {
    if (mux) {
      return new RtcpTarget(host, stream.port());
    }
    String[] fields = stream.attribute("rtcp").orElse("").split("\\s+");
    if (fields[0].matches("\\d{1,5}") && Integer.parseInt(fields[0]) <= 65535) {
      boolean hasAddress = fields.length == 4 && fields[3].matches("[A-Za-z0-9.:_-]{1,253}");
      return new RtcpTarget(hasAddress ? fields[3] : host, Integer.parseInt(fields[0]));
    }
    return new RtcpTarget(host, Math.min(65535, stream.port() + 1));
  }

  private static Duration packetTime(MediaDescription stream, AudioCodec codec) {
    int preferredMs = number(stream.attribute("ptime"), 20);
    int maximumMs = number(stream.attribute("maxptime"), 60);
    // Multiples of 10 ms, 10 to 60: supported by every G.711 endpoint.
    int ms = Math.clamp(Math.min(preferredMs, maximumMs) / 10 * 10, 10, 60);
    return codec.hasSilenceOf(ms * AudioCodec.SAMPLE_RATE_HZ / 1000)
        ? Duration.ofMillis(ms)
        : PACKET_TIME;
  }

  private static int number(Optional<String> text, int otherwise) {
    return text.filter(t -> t.matches("\\d{1,4}")).map(Integer::parseInt).orElse(otherwise);
  }

  private void describe(
      List<String> lines, NegotiatedMedia media, MediaDescription offered, int rtpPort) {
    StringBuilder formats = new StringBuilder().append(media.payloadType());
    media.telephoneEvent().ifPresent(type -> formats.append(' ').append(type));
    lines.add("m=audio " + rtpPort + " " + offered.protocol() + " " + formats);
    lines.addAll(OfferedCodec.lines(media.codec(), media.payloadType()));
    media
        .telephoneEvent()
        .ifPresent(
            type -> {
              lines.add("a=rtpmap:" + type + " " + OfferedCodec.event(offered, type));
              lines.add("a=fmtp:" + type + " 0-16");
            });
    lines.add("a=ptime:" + media.packetTime().toMillis());
    lines.add("a=" + media.direction().attribute());
    media
        .ice()
        .ifPresent(
            agreed ->
                lines.addAll(IceNegotiation.lines(agreed, address, rtpPort, media.rtcpMux())));
    offered.attribute("mid").ifPresent(mid -> lines.add("a=mid:" + mid));
    if (media.rtcpMux()) {
      lines.add("a=rtcp-mux");
    } else if (offered.has("rtcp")) {
      lines.add("a=rtcp:" + (rtpPort + 1));
    }
  }

  private byte[] text(List<String> session, List<String> media) {
    version++;
    String type = address.contains(":") ? "IP6" : "IP4";
    List<String> lines = new ArrayList<>();
    lines.add("v=0");
    lines.add("o=linescribe " + sessionNumber + " " + version + " IN " + type + " " + address);
    lines.add("s=-");
    lines.add("c=IN " + type + " " + address);
    lines.add("t=0 0");
    lines.addAll(session);
    lines.addAll(media);
    return (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.UTF_8);
  }
}
