package org.linescribe.gateway.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.ice.IceCredentials;
import org.linescribe.gateway.ice.IceSession;

/**
 * Our side of a stream's ICE: as a lite agent we have one candidate, our media port, and answer the
 * peer's checks. Offers of ours have no ICE.
 *
 * <p>Thread: one at a time. Source: RFC 8445 §2.5, RFC 8839 §4.
 */
final class IceNegotiation {
  /** Type preference of a host candidate, and the only interface. */
  private static final long PRIORITY = (126L << 24) + (65_535L << 8) + 256;

  private @Nullable IceSession session;

  /** The ICE of an offered stream, empty where it has none. */
  Optional<IceSession> answer(SessionDescription offer, MediaDescription stream) {
    String ufrag = attribute(offer, stream, "ice-ufrag");
    if (!IceCredentials.isValid(ufrag, attribute(offer, stream, "ice-pwd"))) {
      return Optional.empty();
    }
    IceSession before = session;
    // Another fragment is a restart (RFC 8839 §4.4.1.1), which changes ours as well.
    session =
        before != null && before.theirUfrag().equals(ufrag)
            ? before
            : new IceSession(IceCredentials.create(), ufrag);
    return Optional.of(session);
  }

  private static String attribute(SessionDescription offer, MediaDescription stream, String name) {
    return stream.attribute(name).or(() -> Attribute.first(offer.attributes(), name)).orElse("");
  }

  /** The lines that our answer adds to the stream. */
  static List<String> lines(IceSession ice, String address, int rtpPort, boolean mux) {
    List<String> lines = new ArrayList<>();
    lines.add("a=ice-ufrag:" + ice.ours().ufrag());
    lines.add("a=ice-pwd:" + ice.ours().password());
    for (int component = 1; component <= (mux ? 1 : 2); component++) {
      lines.add(
          "a=candidate:1 %s udp %s %s %s typ host"
              .formatted(component, PRIORITY - component, address, rtpPort + component - 1));
    }
    return lines;
  }
}
