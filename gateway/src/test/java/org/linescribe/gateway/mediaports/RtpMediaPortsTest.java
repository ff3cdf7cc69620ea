package org.linescribe.gateway.mediaports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.mediaports.MediaFormat;
import org.linescribe.session.mediaports.MediaPortRequest;
import org.linescribe.session.mediaports.OpenMediaPorts;

/** Media ports on the real pipeline, with packets as Asterisk's UnicastRTP sends them. */
class RtpMediaPortsTest extends RealMediaPorts {
  @Test
  void transcribesWhatAsteriskSendsInEachFormat() throws Exception {
    RtpMediaPorts ports = ports();
    List<MediaFormat> formats = List.of(MediaFormat.values());
    List<OpenMediaPorts> opened = new ArrayList<>();
    List<UnicastRtp> senders = new ArrayList<>();
    for (MediaFormat format : formats) {
      opened.add(open(ports, request(format)));
      senders.add(sender("127.0.0.1", opened.getLast(), 0, ONE));
    }

    UnicastRtp.play(senders.toArray(UnicastRtp[]::new));

    for (OpenMediaPorts one : opened) {
      SessionId id = one.request().sessionId();
      OpenMediaPorts now = ports.find(id).orElseThrow();
      assertThat(now.receiving()).isTrue();
      assertThat(now.ports().getFirst().receivedPackets()).isGreaterThan(50);
      assertThat(ports.close(id)).isTrue();
      SessionRecord session = ended(id);
      assertThat(session.kind()).isEqualTo("rtp");
      assertThat(session.owner()).hasValue("pbx");
      assertThat(session.endReason()).hasValue("closed");
      assertThat(ONE.errors(text(id, "caller")))
          .as("%s: %s", one.request().format(), text(id, "caller"))
          .isLessThanOrEqualTo(1);
      assertThat(ports.find(id)).isEmpty();
    }
    assertThat(ends).hasValue(formats.size());
    assertThat(meters.get("linescribe.media.ports.open").gauge().value()).isZero();
  }

  @Test
  void theTwoDirectionsOfAChannelAreLegsOfOneSession() throws Exception {
    RtpMediaPorts ports = ports();
    OpenMediaPorts opened = open(ports, request(MediaFormat.SLIN16, "caller", "callee"));
    SessionId id = opened.request().sessionId();
    assertThat(opened.receiving()).isFalse();
    assertThat(sessions.isKnown(id)).as("begins with the first packet").isFalse();

    UnicastRtp.play(sender("127.0.0.1", opened, 0, ONE), sender("127.0.0.1", opened, 1, OTHER));
    ports.close(id);

    assertThat(ended(id).legs()).containsExactly("caller", "callee");
    assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
    assertThat(OTHER.errors(text(id, "callee"))).isLessThanOrEqualTo(1);
    assertThat(sessions.segments(id, 1, 100).getLast().seq())
        .isEqualTo(sessions.segments(id, 1, 100).size());
  }

  @Test
  void onlyTheFirstSourceIsHeardAndAnotherIsCounted() throws Exception {
    RtpMediaPorts ports = ports();
    OpenMediaPorts opened = open(ports, request(MediaFormat.ULAW));
    UnicastRtp first = sender("127.0.0.1", opened, 0, ONE);
    first.send(0);
    first.send(1);
    await().until(() -> ports.find(opened.request().sessionId()).orElseThrow().receiving());
    double before = foreign();

    UnicastRtp.play(first, sender("127.0.0.3", opened, 0, OTHER));
    ports.close(opened.request().sessionId());

    ended(opened.request().sessionId());
    assertThat(ONE.errors(text(opened.request().sessionId(), "caller"))).isLessThanOrEqualTo(1);
    assertThat(foreign() - before).isGreaterThan(50);
  }

  @Test
  void onlyTheHostThatWasNamedIsHeard() throws Exception {
    RtpMediaPorts ports = ports(Map.of("source", RtpSettings.Source.ADDRESS));
    MediaPortRequest anybody = request(MediaFormat.ALAW);
    assertThatThrownBy(() -> open(ports, anybody))
        .as("the settings latch to nobody")
        .isInstanceOf(SessionRefusedException.class)
        .hasMessageContaining("from");
    OpenMediaPorts opened = open(ports, of(anybody, "pbx", "127.0.0.2"));
    SessionId id = opened.request().sessionId();

    UnicastRtp stranger = sender("127.0.0.1", opened, 0, OTHER);
    for (int n = 0; n < 10; n++) {
      stranger.send(n);
    }
    await().until(() -> foreign() >= 10);
    assertThat(ports.find(id).orElseThrow().receiving()).isFalse();

    UnicastRtp.play(sender("127.0.0.2", opened, 0, ONE), stranger);
    ports.close(id);

    ended(id);
    assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {97, 101, 0})
  void aPayloadTypeThatIsNoneOfAsterisksIsTheOneThatWasTold(int payloadType) throws Exception {
    RtpMediaPorts ports = ports();
    MediaPortRequest like = request(MediaFormat.SLIN16);
    MediaPortRequest other =
        new MediaPortRequest(
            like.sessionId(),
            like.owner(),
            like.format(),
            OptionalInt.of(payloadType),
            like.legs(),
            Optional.empty(),
            like.recognition(),
            LOOPBACK);
    OpenMediaPorts opened = open(ports, other);
    UnicastRtp.play(sender("127.0.0.1", opened, 0, ONE));
    ports.close(like.sessionId());
    ended(like.sessionId());
    assertThat(ONE.errors(text(like.sessionId(), "caller"))).isLessThanOrEqualTo(1);
  }

  @Test
  void packetsOf60And200MsOfLinearPcmAreHeard() throws Exception {
    RtpMediaPorts ports = ports();
    OpenMediaPorts three = open(ports, request(MediaFormat.SLIN16));
    OpenMediaPorts ten = open(ports, request(MediaFormat.SLIN16));

    UnicastRtp.play(sender("127.0.0.1", three, 0, ONE, 3), sender("127.0.0.1", ten, 0, ONE, 10));

    for (OpenMediaPorts one : List.of(three, ten)) {
      SessionId id = one.request().sessionId();
      ports.close(id);
      ended(id);
      assertThat(ONE.errors(text(id, "caller"))).isLessThanOrEqualTo(1);
    }
  }
}
