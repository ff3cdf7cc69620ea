package org.linescribe.gateway.sdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.ice.IceSession;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.media.codec.AudioCodec;

class OfferAnswerTest {
  private static final MediaPolicy PLAIN =
      new MediaPolicy(
          SrtpMode.OFF,
          false,
          new DtlsIdentity()::fingerprint,
          List.of(CodecChoice.G711, CodecChoice.G722, CodecChoice.OPUS));

  private static final String HEAD =
      "v=0\r\no=a 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n";

  private final OfferAnswer ours = new OfferAnswer("192.0.2.7", 20_000, 7, PLAIN);

  private static SessionDescription parse(String text) throws SdpException {
    return SdpParser.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private Optional<OfferAnswer.NegotiatedAnswer> answer(String media) throws SdpException {
    return ours.answer(parse(HEAD + media));
  }

  private OfferAnswer.NegotiatedAnswer taken(String media) throws SdpException {
    return answer(media).orElseThrow();
  }

  private static String text(OfferAnswer.NegotiatedAnswer answer) {
    return new String(answer.text(), StandardCharsets.UTF_8);
  }

  @Test
  void takesTheFirstLawOfTheOfferer() throws SdpException {
    OfferAnswer.NegotiatedAnswer answer = taken("m=audio 4000 RTP/AVP 18 8 0\r\na=ptime:30\r\n");

    assertThat(answer.media().codec()).isEqualTo(AudioCodec.PCMA);
    assertThat(answer.media().remoteHost()).isEqualTo("10.0.0.1");
    assertThat(answer.media().remoteRtpPort()).isEqualTo(4000);
    assertThat(answer.media().remoteRtcpPort()).isEqualTo(4001);
    assertThat(answer.media().packetTime()).isEqualTo(Duration.ofMillis(30));
    assertThat(text(answer))
        .startsWith("v=0\r\no=linescribe 7 1 IN IP4 192.0.2.7\r\n")
        .contains("m=audio 20000 RTP/AVP 8\r\n")
        .contains("a=rtpmap:8 PCMA/8000\r\n");
  }

  @Test
  void takesDynamicPayloadTypesByTheirMaps() throws SdpException {
    OfferAnswer.NegotiatedAnswer answer =
        taken(
            "m=audio 4000 RTP/AVP 96 97 98\r\na=rtpmap:96 opus/48000/2\r\n"
                + "a=rtpmap:97 pcmu/8000/1\r\na=rtpmap:98 telephone-event/8000\r\n");

    assertThat(answer.media().payloadType()).isEqualTo(97);
    assertThat(answer.media().codec()).isEqualTo(AudioCodec.PCMU);
    assertThat(answer.media().telephoneEvent()).hasValue(98);
    assertThat(text(answer)).contains("m=audio 20000 RTP/AVP 97 98\r\n");
  }

  @Test
  void doesNotTakeAStaticTypeThatIsMappedToSomethingElse() throws SdpException {
    assertThat(answer("m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 G729/8000\r\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m=audio 4000 RTP/AVP 18\r\n",
        "m=audio 0 RTP/AVP 0\r\n",
        "m=audio 4000 RTP/SAVP 0\r\n",
        "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n",
        "m=video 4000 RTP/AVP 0\r\n",
        "m=image 4000 udptl t38\r\n",
        ""
      })
  void refusesWhatItCannotTake(String media) throws SdpException {
    assertThat(answer(media)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'g711,g722,opus', 9 111 8 0, PCMA",
    "'g711,g722,opus', 111 9, G722",
    "'opus,g722,g711', 0 8 9 111, OPUS",
    "'g722,g711', 111 0 9, G722",
    "'opus', 0 111, OPUS"
  })
  void takesTheCodecThatItsSettingPrefers(String setting, String formats, AudioCodec expected)
      throws SdpException {
    OfferAnswer ours =
        new OfferAnswer("192.0.2.7", 20_000, 7, preferring(List.of(setting.split(","))));

    OfferAnswer.NegotiatedAnswer answer =
        ours.answer(
                parse(
                    HEAD + "m=audio 4000 RTP/AVP " + formats + "\r\na=rtpmap:111 opus/48000/2\r\n"))
            .orElseThrow();

    assertThat(answer.media().codec()).isEqualTo(expected);
    assertThat(text(answer))
        .contains("a=rtpmap:" + expected.payloadType() + " " + expected.encoding() + "\r\n");
  }

  @Test
  void takesNoCodecThatIsNotAllowed() throws SdpException {
    OfferAnswer ours = new OfferAnswer("192.0.2.7", 20_000, 7, preferring(List.of("g711")));

    assertThat(ours.answer(parse(HEAD + "m=audio 4000 RTP/AVP 9\r\n"))).isEmpty();
    assertThat(new String(ours.offer(), StandardCharsets.UTF_8))
        .contains("m=audio 20000 RTP/AVP 0 8 101\r\n");
  }

  private static MediaPolicy preferring(List<String> codecs) {
    return new MediaPolicy(
        PLAIN.mode(), false, PLAIN.fingerprint(), CodecChoice.parse("codecs", codecs));
  }

  @Test
  void namesWhatItExpectsOfTheSetting() {
    assertThatThrownBy(() -> CodecChoice.parse("linescribe.rtp.codecs", List.of("g711", "gsm")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linescribe.rtp.codecs: 'g711,gsm' (expected: a list of g711, g722, opus)");
  }

  @ParameterizedTest
  @CsvSource({"48000, 8000, 110", "8000, 48000, 111", "8000, 16000, 110"})
  void takesTheEventsOfOpusClockWhereThereAreSome(String first, String second, int expected)
      throws SdpException {
    OfferAnswer.NegotiatedAnswer answer =
        taken(
            "m=audio 4000 RTP/AVP 96 110 111\r\na=rtpmap:96 opus/48000/2\r\n"
                + ("a=rtpmap:110 telephone-event/" + first + "\r\n")
                + ("a=rtpmap:111 telephone-event/" + second + "\r\n"));

    assertThat(answer.media().telephoneEvent()).hasValue(expected);
    assertThat(text(answer))
        .contains(
            "a=rtpmap:"
                + expected
                + " telephone-event/"
                + (expected == 110 ? first : second)
                + "\r\n");
  }

  @Test
  void refusesFurtherStreamsByPortZeroInTheirPlaces() throws SdpException {
    OfferAnswer.NegotiatedAnswer answer =
        taken(
            "m=video 5000 RTP/AVP 96\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 10.0.0.2\r\n"
                + "m=audio 4002 RTP/AVP 0\r\nm=image 4004 udptl t38\r\n");

    assertThat(answer.media().remoteHost()).isEqualTo("10.0.0.2");
    assertThat(text(answer).lines().filter(line -> line.startsWith("m=")))
        .containsExactly(
            "m=video 0 RTP/AVP 96",
            "m=audio 20000 RTP/AVP 0",
            "m=audio 0 RTP/AVP 0",
            "m=image 0 udptl t38");
  }

  @ParameterizedTest
  @CsvSource({
    "sendrecv,SENDRECV,false",
    "sendonly,RECVONLY,true",
    "recvonly,SENDONLY,false",
    "inactive,INACTIVE,true"
  })
  void answersADirectionByItsReverse(String theirs, MediaDirection ours, boolean held)
      throws SdpException {
    OfferAnswer.NegotiatedAnswer answer = taken("m=audio 4000 RTP/AVP 0\r\na=" + theirs + "\r\n");

    assertThat(answer.media().direction()).isEqualTo(ours);
    assertThat(answer.media().isHeld()).isEqualTo(held);
    assertThat(text(answer)).contains("a=" + ours.attribute() + "\r\n");
  }

  @Test
  void takesTheSessionsDirectionWhereTheStreamHasNone() throws SdpException {
    SessionDescription offer = parse(HEAD + "a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n");

    assertThat(ours.answer(offer).orElseThrow().media().direction())
        .isEqualTo(MediaDirection.RECVONLY);
  }

  @Test
  void takesAnAddressOfZeroForHold() throws SdpException {
    OfferAnswer.NegotiatedAnswer answer = taken("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");

    assertThat(answer.media().isHeld()).isTrue();
    assertThat(answer.media().remoteRtpPort()).isZero();
  }

  @Test
  void answersRtcpAttributes() throws SdpException {
    OfferAnswer.NegotiatedAnswer apart =
        taken("m=audio 4000 RTP/AVP 0\r\na=rtcp:5005 IN IP4 10.9.9.9\r\n");
    assertThat(apart.media().remoteRtcpHost()).isEqualTo("10.9.9.9");
    assertThat(apart.media().remoteRtcpPort()).isEqualTo(5005);
    assertThat(text(apart)).contains("a=rtcp:20001\r\n").doesNotContain("rtcp-mux");

    OfferAnswer.NegotiatedAnswer muxed = taken("m=audio 4000 RTP/AVP 0\r\na=rtcp-mux\r\n");
    assertThat(muxed.media().remoteRtcpPort()).isEqualTo(4000);
    assertThat(text(muxed)).contains("a=rtcp-mux\r\n");
  }

  @Test
  void understandsTheAnswerToItsOwnOffer() throws SdpException {
    OfferAnswer theirs = new OfferAnswer("10.0.0.1", 4000, 9, PLAIN);

    OfferAnswer.NegotiatedAnswer answer =
        theirs.answer(SdpParser.parse(ours.offer())).orElseThrow();
    NegotiatedMedia agreed =
        ours.applyAnswer(SdpParser.parse(answer.text())).getFirst().orElseThrow();

    assertThat(agreed.codec()).isEqualTo(AudioCodec.PCMU);
    assertThat(agreed.remoteRtpPort()).isEqualTo(4000);
    assertThat(agreed.telephoneEvent()).hasValue(101);
  }

  private static final String BROWSER =
      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
          + "m=audio 9 RTP/AVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\n"
          + "a=ice-ufrag:AbCd\r\na=ice-pwd:0123456789012345678901\r\n";

  @Test
  void answersIceAsALiteAgent() throws SdpException {
    OfferAnswer.NegotiatedAnswer answer = ours.answer(parse(BROWSER)).orElseThrow();

    IceSession ice = answer.media().ice().orElseThrow();
    assertThat(ice.theirUfrag()).isEqualTo("AbCd");
    assertThat(answer.media().isHeld()).isFalse();
    assertThat(answer.media().remoteRtpPort()).isZero();
    assertThat(text(answer))
        .contains("t=0 0\r\na=ice-lite\r\na=group:BUNDLE 0\r\nm=audio 20000 ")
        .contains("a=ice-ufrag:" + ice.ours().ufrag() + "\r\n")
        .contains("a=ice-pwd:" + ice.ours().password() + "\r\n")
        .contains("a=candidate:1 1 udp 2130706431 192.0.2.7 20000 typ host\r\n")
        .doesNotContain("a=candidate:1 2 ");
    assertThat(ice.toString()).doesNotContain(ice.ours().password());
  }

  @Test
  void changesItsCredentialsWhereThePeerRestartsIce() throws SdpException {
    IceSession first = ours.answer(parse(BROWSER)).orElseThrow().media().ice().orElseThrow();

    assertThat(ours.answer(parse(BROWSER)).orElseThrow().media().ice()).contains(first);
    assertThat(ours.answer(parse(BROWSER.replace("AbCd", "EfGh"))).orElseThrow().media().ice())
        .hasValueSatisfying(now -> assertThat(now.ours()).isNotEqualTo(first.ours()));
  }

  @Test
  void keepsItsCredentialsWhereAStreamBeforeTheAudioIsRejected() throws SdpException {
    String offer =
        BROWSER.replace(
            "m=audio",
            "m=video 9 RTP/AVPF 96\r\na=ice-ufrag:Vide\r\na=ice-pwd:0123456789012345678901\r\n"
                + "m=audio");
    IceSession first = ours.answer(parse(offer)).orElseThrow().media().ice().orElseThrow();

    assertThat(ours.answer(parse(offer)).orElseThrow().media().ice()).contains(first);
  }

  @Test
  void answersNoIceWhoseCredentialsAreNone() throws SdpException {
    OfferAnswer.NegotiatedAnswer answer =
        ours.answer(parse(BROWSER.replace("ice-pwd:0123456789", "ice-pwd:"))).orElseThrow();

    assertThat(answer.media().ice()).isEmpty();
    assertThat(text(answer)).doesNotContain("ice");
  }

  @Test
  void countsTheVersionOfItsDescriptionsUp() throws SdpException {
    taken("m=audio 4000 RTP/AVP 0\r\n");

    assertThat(text(taken("m=audio 4000 RTP/AVP 0\r\n"))).contains("o=linescribe 7 2 IN");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\r\n",
        "hello",
        "v=1\r\n",
        "v=0\r\nnonsense\r\n",
        "v=0\r\nc=IN IP4\r\n",
        "v=0\r\nc=XX IP4 1.2.3.4\r\n",
        "v=0\r\nm=audio\r\n",
        "v=0\r\nm=audio x RTP/AVP 0\r\n",
        "v=0\r\nm=audio 70000 RTP/AVP 0\r\n",
        "v=0\r\nm=audio -1 RTP/AVP 0\r\n"
      })
  void refusesWhatIsNoDescription(String text) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(SdpException.class);
  }

  @Test
  void boundsWhatItReads() {
    assertThatThrownBy(() -> parse(HEAD + "a=x\r\n".repeat(10_000)))
        .isInstanceOf(SdpException.class);
    assertThatThrownBy(() -> parse(HEAD + "a=x\n".repeat(1001)))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("lines");
    assertThatThrownBy(() -> parse(HEAD + "m=audio 1 RTP/AVP 0\r\n".repeat(33)))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("m-lines");
    assertThatThrownBy(() -> parse(HEAD + "m=audio 1 RTP/AVP" + " 0".repeat(65)))
        .isInstanceOf(SdpException.class)
        .hasMessageContaining("fields");
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void neverFailsOtherwiseThanByItsException(long seed) {
    Random random = new Random(seed);
    byte[] good =
        (HEAD + "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=rtcp:9\r\n")
            .getBytes(StandardCharsets.UTF_8);
    int parsed = 0;
    for (int round = 0; round < 5000; round++) {
      byte[] mutant = good.clone();
      for (int i = 0; i < 1 + random.nextInt(6); i++) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      try {
        ours.answer(SdpParser.parse(mutant));
        parsed++;
      } catch (SdpException e) {
        assertThat(e.getMessage()).as("seed %d round %d", seed, round).isNotEmpty();
      }
    }
    assertThat(parsed).isBetween(1, 4999);
  }
}
