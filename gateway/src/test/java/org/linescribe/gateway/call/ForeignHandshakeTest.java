package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.srtp.SrtpMode;

/** Whose DTLS handshake a call takes. */
class ForeignHandshakeTest extends CalledGateway {
  @Override
  RtpSettings rtp() {
    return rtp(Map.of("source", RtpSettings.Source.ADDRESS, "srtp", SrtpMode.ALLOWED));
  }

  /** Else it would get the answers that the peer waits for. */
  @Test
  void takesNoHandshakeFromAHostThatMaySendNoMedia() throws Exception {
    String offer =
        peer.sdp().replace("RTP/AVP", "UDP/TLS/RTP/SAVP")
            + ("a=fingerprint:"
                + new DtlsIdentity().fingerprint().value()
                + "\r\na=setup:actpass\r\n");
    RawSipPeer.Message ok = peer.call("", offer);
    assertThat(ok.body()).contains("UDP/TLS/RTP/SAVP", "a=fingerprint:");

    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.0.0.9"))) {
      byte[] record = {22, (byte) 0xFE, (byte) 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
      stranger.send(
          new DatagramPacket(
              record, record.length, InetAddress.getLoopbackAddress(), ok.audioPort()));

      await()
          .until(
              () ->
                  registry.counter("linescribe.rtp.defects", "kind", "foreign_source").count()
                      == 1);
    }
  }
}
