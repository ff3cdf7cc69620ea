package org.linescribe.gateway.sdp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.dtls.DtlsFingerprint;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.gateway.srtp.SrtpSuite;

/** Keys by a=crypto. Source: RFC 4568. */
class SdesTest {
  private static final String KEY = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
  private static final String CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + KEY;
  private static final DtlsFingerprint FINGERPRINT = new DtlsIdentity().fingerprint();
  private final OfferAnswer ours = answerer(SrtpMode.ALLOWED, true);

  private static OfferAnswer answerer(SrtpMode mode, boolean secure) {
    return new OfferAnswer(
        "192.0.2.7",
        20_000,
        7,
        new MediaPolicy(mode, secure, () -> FINGERPRINT, List.of(CodecChoice.G711)));
  }

  private static SessionDescription offer(String protocol, String... lines) throws SdpException {
    String text =
        "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
            + ("m=audio 4000 " + protocol + " 0\r\n")
            + String.join("\r\n", lines)
            + "\r\n";
    return SdpParser.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Optional<OfferAnswer.NegotiatedAnswer> answer) {
    return new String(answer.orElseThrow().text(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RTP/SAVP", "RTP/SAVPF", "RTP/AVP"})
  void answersWithAKeyOfItsOwnForTheSameTagAndSuite(String protocol) throws SdpException {
    Optional<OfferAnswer.NegotiatedAnswer> answer = ours.answer(offer(protocol, CRYPTO));

    assertThat(text(answer))
        .contains("m=audio 20000 " + protocol + " 0\r\n")
        .contains("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:")
        .doesNotContain(KEY);
    assertThat(answer.orElseThrow().media().protection())
        .isInstanceOfSatisfying(
            MediaProtection.Sdes.class,
            sdes -> {
              assertThat(sdes.keys().send().suite()).isEqualTo(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
              assertThat(sdes.keys().toString()).doesNotContain("inline").doesNotContain(KEY);
            });
  }

  @Test
  void takesTheFirstLineThatItUnderstands() throws SdpException {
    Optional<OfferAnswer.NegotiatedAnswer> answer =
        ours.answer(
            offer(
                "RTP/SAVP",
                "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" + KEY,
                "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" + KEY + "|2^20|1:4",
                "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" + KEY + " UNENCRYPTED_SRTP",
                "a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:" + KEY.substring(4),
                "a=crypto:5 AES_CM_128_HMAC_SHA1_32 inline:" + KEY + "|2^31 WSH=64",
                CRYPTO));

    assertThat(text(answer)).contains("a=crypto:5 AES_CM_128_HMAC_SHA1_32 inline:");
  }

  @Test
  void keepsItsKeyWhileThePeerKeepsIts() throws SdpException {
    String first = crypto(text(ours.answer(offer("RTP/SAVP", CRYPTO))));
    String again = crypto(text(ours.answer(offer("RTP/SAVP", CRYPTO, "a=sendonly"))));
    String changed = crypto(text(ours.answer(offer("RTP/SAVP", CRYPTO.replace("d0Rm", "e0Rm")))));

    assertThat(again).isEqualTo(first);
    assertThat(changed).isNotEqualTo(first);
  }

  private static String crypto(String text) {
    return text.lines().filter(line -> line.startsWith("a=crypto:")).findFirst().orElseThrow();
  }

  @Test
  void refusesByItsMode() throws SdpException {
    assertThat(answerer(SrtpMode.OFF, true).answer(offer("RTP/SAVP", CRYPTO))).isEmpty();
    assertThat(text(answerer(SrtpMode.OFF, true).answer(offer("RTP/AVP", CRYPTO))))
        .doesNotContain("crypto");
    assertThat(answerer(SrtpMode.REQUIRED, true).answer(offer("RTP/AVP"))).isEmpty();
    assertThat(ours.answer(offer("RTP/SAVP"))).as("no key that it understands").isEmpty();
    assertThat(ours.answer(offer("RTP/AVP"))).isPresent();
  }

  @Test
  void offersKeysOnlyWhereNobodyReadsThem() {
    assertThat(offered(answerer(SrtpMode.ALLOWED, true)))
        .contains("RTP/AVP 0 8")
        .contains("a=crypto:1 AEAD_AES_256_GCM inline:");
    assertThat(offered(answerer(SrtpMode.ALLOWED, false))).doesNotContain("crypto");
    assertThat(offered(answerer(SrtpMode.REQUIRED, false))).contains("RTP/SAVP 0 8");
    assertThat(offered(answerer(SrtpMode.OFF, true))).doesNotContain("crypto");
  }

  /** RFC 5764 §8: without keys in it only a handshake can protect what has to be protected. */
  @Test
  void anotherPeerGetsNoKeysBySignallingThatAnybodyReadsWhereTheCallsWasSecure() {
    assertThat(offered(toAnother(SrtpMode.ALLOWED, true, false)))
        .contains("UDP/TLS/RTP/SAVP 0 8")
        .contains("a=fingerprint:")
        .doesNotContain("crypto");
    assertThat(offered(toAnother(SrtpMode.REQUIRED, true, false))).doesNotContain("crypto");
    assertThat(offered(toAnother(SrtpMode.ALLOWED, true, true)))
        .contains(" RTP/SAVP 0 8")
        .contains("a=crypto:");
    assertThat(offered(toAnother(SrtpMode.ALLOWED, false, false)))
        .as("the first peer's were told so too")
        .contains("a=crypto:");
  }

  /** To the target of a transfer, of a call whose media are encrypted. */
  private static OfferAnswer toAnother(SrtpMode mode, boolean wasSecure, boolean isSecure) {
    MediaPolicy first =
        new MediaPolicy(mode, wasSecure, () -> FINGERPRINT, List.of(CodecChoice.G711));
    return new OfferAnswer("192.0.2.7", 20_000, 7, first.forAnother(isSecure, true));
  }

  private static String offered(OfferAnswer offerer) {
    return new String(offerer.offer(), StandardCharsets.UTF_8);
  }

  @Test
  void appliesTheAnswerToItsOffer() throws SdpException {
    String suites = offered(ours);
    String tag =
        suites
            .lines()
            .filter(line -> line.contains("AES_CM_128_HMAC_SHA1_80"))
            .findFirst()
            .orElseThrow()
            .substring("a=crypto:".length())
            .split(" ")[0];

    assertThat(ours.applyAnswer(offer("RTP/AVP", CRYPTO.replace(":1 ", ":99 ")))).isEmpty();
    assertThat(ours.applyAnswer(offer("RTP/AVP")).getFirst().orElseThrow().protection())
        .isEqualTo(new MediaProtection.Plain());
    assertThat(
            ours.applyAnswer(offer("RTP/AVP", CRYPTO.replace(":1 ", ":" + tag + " ")))
                .getFirst()
                .orElseThrow()
                .protection())
        .isInstanceOf(MediaProtection.Sdes.class);
  }
}
