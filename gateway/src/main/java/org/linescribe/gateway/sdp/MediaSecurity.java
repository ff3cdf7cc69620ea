package org.linescribe.gateway.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.dtls.DtlsFingerprint;
import org.linescribe.gateway.srtp.CryptoAttribute;
import org.linescribe.gateway.srtp.SrtpKeys;
import org.linescribe.gateway.srtp.SrtpMode;

/**
 * Negotiates the protection of a call's stream: by DTLS where the peer has a fingerprint, else with
 * keys by {@code a=crypto}; over RTP/SAVP, and over RTP/AVP where the peer offers it so
 * (opportunistic, RFC 8643).
 *
 * <p>Of a peer that leaves the choice to us we take the handshake's first message: it may be behind
 * a NAT, which we are not.
 *
 * <p>Thread: one at a time. Source: RFC 4568 §5, §7; RFC 5763 §5; RFC 4145 §4.
 */
final class MediaSecurity {
  private final SrtpMode mode;
  private final boolean isSignallingSecure;
  private final boolean hidesKeys;
  private final Supplier<DtlsFingerprint> fingerprint;

  /** The last exchange: an unchanged key of the peer keeps ours, with its packet indices. */
  private @Nullable CryptoAttribute theirs;

  private @Nullable CryptoAttribute ours;
  private List<CryptoAttribute> offered = List.of();

  MediaSecurity(MediaPolicy policy) {
    this.fingerprint = policy.fingerprint();
    this.mode = policy.mode();
    this.isSignallingSecure = policy.isSignallingSecure();
    this.hidesKeys = policy.hidesKeys();
  }

  static boolean isSecureProtocol(String protocol) {
    return protocol.equals("RTP/SAVP") || protocol.equals("RTP/SAVPF") || isDtls(protocol);
  }

  private static boolean isDtls(String protocol) {
    return protocol.equals("UDP/TLS/RTP/SAVP") || protocol.equals("UDP/TLS/RTP/SAVPF");
  }

  /**
   * Decides on an offered stream.
   *
   * @return empty when the stream is not acceptable
   */
  Optional<MediaProtection> answer(SessionDescription offer, MediaDescription stream) {
    Optional<MediaProtection> dtls = mode == SrtpMode.OFF ? Optional.empty() : dtls(offer, stream);
    if (dtls.isPresent()) {
      return dtls;
    }
    boolean mustProtect = isSecureProtocol(stream.protocol());
    Optional<CryptoAttribute> line =
        mode == SrtpMode.OFF || isDtls(stream.protocol())
            ? Optional.empty()
            : stream.attributes("crypto").stream()
                .flatMap(value -> CryptoAttribute.parse(value).stream())
                .findFirst();
    if (line.isPresent()) {
      return Optional.of(new MediaProtection.Sdes(keys(line.get())));
    }
    return mustProtect || mode == SrtpMode.REQUIRED
        ? Optional.empty()
        : Optional.of(new MediaProtection.Plain());
  }

  private static Optional<MediaProtection> dtls(
      SessionDescription description, MediaDescription stream) {
    List<String> fingerprints = stream.attributes("fingerprint");
    if (fingerprints.isEmpty()) {
      fingerprints = Attribute.all(description.attributes(), "fingerprint");
    }
    String setup =
        stream
            .attribute("setup")
            .or(() -> Attribute.first(description.attributes(), "setup"))
            .orElse("active");
    return setup.equals("holdconn")
        ? Optional.empty()
        : DtlsFingerprint.best(fingerprints)
            .map(theirs -> new MediaProtection.Dtls(theirs, setup.equals("passive")));
  }

  private SrtpKeys keys(CryptoAttribute line) {
    CryptoAttribute before = theirs;
    CryptoAttribute own = ours;
    if (own == null
        || before == null
        || !before.key().equals(line.key())
        || !before.tag().equals(line.tag())) {
      own = CryptoAttribute.create(line.tag(), line.key().suite());
    }
    theirs = line;
    ours = own;
    return new SrtpKeys(own.key(), line.key());
  }

  /** The lines that our answer adds. */
  List<String> answerLines(MediaProtection protection) {
    CryptoAttribute own = ours;
    return switch (protection) {
      case MediaProtection.Plain plain -> List.of();
      case MediaProtection.Sdes sdes ->
          own == null ? List.of() : List.of("a=crypto:" + own.value());
      case MediaProtection.Dtls dtls ->
          List.of(
              "a=fingerprint:" + fingerprint.get().value(),
              "a=setup:" + (dtls.isClient() ? "active" : "passive"));
    };
  }

  /** Whether our offer has a fingerprint. Its peer sends nothing before the handshake. */
  private boolean offersDtls() {
    return mode != SrtpMode.OFF;
  }

  /** Keys never go by signalling that anybody may read, unless they must. */
  boolean offersKeys() {
    return mode == SrtpMode.REQUIRED && !hidesKeys || mode != SrtpMode.OFF && isSignallingSecure;
  }

  /** The protocol of our offer: RTP/AVP with keys lets a peer without SRTP answer. */
  String offerProtocol() {
    if (mode != SrtpMode.REQUIRED) {
      return "RTP/AVP";
    }
    return offersKeys() ? "RTP/SAVP" : "UDP/TLS/RTP/SAVP";
  }

  /** The lines that our offer adds. */
  List<String> offerLines() {
    if (!offersKeys()) {
      offered = List.of();
    } else if (ours == null) {
      offered = CryptoAttribute.offer();
    } else {
      offered = List.of(ours);
    }
    List<String> lines = new ArrayList<>();
    offered.forEach(line -> lines.add("a=crypto:" + line.value()));
    if (offersDtls()) {
      lines.add("a=fingerprint:" + fingerprint.get().value());
      lines.add("a=setup:actpass");
    }
    return lines;
  }

  /** Applies the answer to our offer. */
  Optional<MediaProtection> applyAnswer(SessionDescription answer, MediaDescription stream) {
    Optional<MediaProtection> dtls = offersDtls() ? dtls(answer, stream) : Optional.empty();
    if (dtls.isPresent()) {
      return dtls;
    }
    Optional<CryptoAttribute> line =
        stream.attributes("crypto").stream()
            .flatMap(value -> CryptoAttribute.parse(value).stream())
            .findFirst();
    if (line.isEmpty()) {
      return isSecureProtocol(stream.protocol()) || mode == SrtpMode.REQUIRED
          ? Optional.empty()
          : Optional.of(new MediaProtection.Plain());
    }
    for (CryptoAttribute own : offered) {
      if (own.tag().equals(line.get().tag()) && own.key().suite() == line.get().key().suite()) {
        theirs = line.get();
        ours = own;
        return Optional.of(new MediaProtection.Sdes(new SrtpKeys(own.key(), line.get().key())));
      }
    }
    return Optional.empty();
  }
}
