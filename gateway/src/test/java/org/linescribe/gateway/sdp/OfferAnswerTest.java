package org.linescribe.gateway.sdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.g711.G711Law;

class OfferAnswerTest {
  private static final String HEAD =
      "v=0\r\no=a 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n";

  private final OfferAnswer ours = new OfferAnswer("192.0.2.7", 20_000, 7);

  private static SessionDescription parse(String text) throws SdpException {
    return SdpParser.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private Optional<OfferAnswer.Answer> answer(String media) throws SdpException {
    return ours.answer(parse(HEAD + media));
  }

  private OfferAnswer.Answer taken(String media) throws SdpException {
    return answer(media).orElseThrow();
  }

  private static String text(OfferAnswer.Answer answer) {
    return new String(answer.text(), StandardCharsets.UTF_8);
  }

  @Test
  void takesTheFirstLawOfTheOfferer() throws SdpException {
    OfferAnswer.Answer answer = taken("m=audio 4000 RTP/AVP 18 8 0\r\na=ptime:30\r\n");

    assertThat(answer.media().law()).isEqualTo(G711Law.PCMA);
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
    OfferAnswer.Answer answer =
        taken(
            "m=audio 4000 RTP/AVP 96 97 98\r\na=rtpmap:96 opus/48000/2\r\n"
                + "a=rtpmap:97 pcmu/8000/1\r\na=rtpmap:98 telephone-event/8000\r\n");

    assertThat(answer.media().payloadType()).isEqualTo(97);
    assertThat(answer.media().law()).isEqualTo(G711Law.PCMU);
    assertThat(answer.media().telephoneEvent()).hasValue(98);
    assertThat(text(answer)).contains("m=audio 20000 RTP/AVP 97 98\r\n");
  }

  @Test
  void doesNotTakeAStaticTypeThatIsMappedToSomethingElse() throws SdpException {
    assertThat(answer("m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 G722/8000\r\n")).isEmpty();
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

  @Test
  void refusesFurtherStreamsByPortZeroInTheirPlaces() throws SdpException {
    OfferAnswer.Answer answer =
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
    OfferAnswer.Answer answer = taken("m=audio 4000 RTP/AVP 0\r\na=" + theirs + "\r\n");

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
    OfferAnswer.Answer answer = taken("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");

    assertThat(answer.media().isHeld()).isTrue();
    assertThat(answer.media().remoteRtpPort()).isZero();
  }

  @Test
  void answersRtcpAttributes() throws SdpException {
    OfferAnswer.Answer apart = taken("m=audio 4000 RTP/AVP 0\r\na=rtcp:5005 IN IP4 10.9.9.9\r\n");
    assertThat(apart.media().remoteRtcpHost()).isEqualTo("10.9.9.9");
    assertThat(apart.media().remoteRtcpPort()).isEqualTo(5005);
    assertThat(text(apart)).contains("a=rtcp:20001\r\n").doesNotContain("rtcp-mux");

    OfferAnswer.Answer muxed = taken("m=audio 4000 RTP/AVP 0\r\na=rtcp-mux\r\n");
    assertThat(muxed.media().remoteRtcpPort()).isEqualTo(4000);
    assertThat(text(muxed)).contains("a=rtcp-mux\r\n");
  }

  @Test
  void understandsTheAnswerToItsOwnOffer() throws SdpException {
    OfferAnswer theirs = new OfferAnswer("10.0.0.1", 4000, 9);

    OfferAnswer.Answer answer = theirs.answer(SdpParser.parse(ours.offer())).orElseThrow();
    NegotiatedMedia agreed = ours.accept(SdpParser.parse(answer.text())).orElseThrow();

    assertThat(agreed.law()).isEqualTo(G711Law.PCMU);
    assertThat(agreed.remoteRtpPort()).isEqualTo(4000);
    assertThat(agreed.telephoneEvent()).hasValue(101);
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
