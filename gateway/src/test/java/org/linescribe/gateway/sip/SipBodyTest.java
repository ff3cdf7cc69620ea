package org.linescribe.gateway.sip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.sdp.CodecChoice;
import org.linescribe.gateway.sdp.MediaDescription;
import org.linescribe.gateway.sdp.MediaPolicy;
import org.linescribe.gateway.sdp.OfferAnswer;
import org.linescribe.gateway.sdp.SdpParser;
import org.linescribe.gateway.siprec.RecordingMetadataParser;
import org.linescribe.gateway.siprec.VendorOffers;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.testsupport.ProjectFiles;

class SipBodyTest {
  private static final MediaPolicy PLAIN =
      new MediaPolicy(
          SrtpMode.OFF, false, new DtlsIdentity()::fingerprint, List.of(CodecChoice.G711));

  @ParameterizedTest
  @CsvSource({
    "acme-siprec-offer.txt,16777227,16777228",
    "broadworks-offer.txt,1,",
    "broadworks-offer-2.txt,10,20",
    "cisco-siprec-offer.txt,1,2",
    "connectel-offer.txt,1,2",
    "connectel-offer2.txt,1,2",
    "connectel-offer3.txt,1,2",
    "inactive-sdp-offer.txt,1,2",
    "procomm-siprec-offer.txt,a_leg,b_leg",
    "sonus-siprec-offer.txt,1,2",
  })
  void findsSdpAndMetadataInTheOffersOfVendors(String file, String first, String second)
      throws Exception {
    byte[] body = VendorOffers.body(file);
    SipBody parts = SipBody.ofMultipart(body, VendorOffers.boundary(body));

    assertThat(OfferAnswer.recordable(SdpParser.parse(parts.sdp()), PLAIN))
        .extracting(stream -> stream.attribute("label").orElse(""))
        .isEqualTo(second == null ? java.util.List.of(first) : java.util.List.of(first, second));
    RecordingMetadataParser.parse(parts.recordingMetadata());
  }

  /** Session descriptions of recording clients without their metadata, several to a file. */
  @ParameterizedTest
  @CsvSource({
    "sample-sdps.txt,2",
    "sample-sdp2.txt,2",
    "sample-sdp3.txt,2",
    "non-siprec-payload.txt,1"
  })
  void takesTheOneStreamOfEachSampleDescription(String file, int descriptions) throws Exception {
    String[] samples =
        Files.readString(ProjectFiles.sipKit().resolve("siprec/" + file)).split("__split_here__");

    assertThat(samples).hasSize(descriptions);
    for (String sample : samples) {
      byte[] sdp =
          sample.strip().replace("\n", "\r\n").concat("\r\n").getBytes(StandardCharsets.UTF_8);
      assertThat(OfferAnswer.recordable(SdpParser.parse(sdp), PLAIN)).as(sample).hasSize(1);
    }
  }

  @Test
  void takesLineFeedsAloneAndAQuotedBoundary() {
    String body = "preamble\n--b\nContent-Type: application/sdp\n\nv=0\ns=-\n\n--b--\nepilogue";

    SipBody parts = SipBody.ofMultipart(body.getBytes(StandardCharsets.UTF_8), "\"b\"");

    assertThat(new String(parts.sdp(), StandardCharsets.UTF_8)).isEqualTo("v=0\ns=-\n");
    assertThat(parts.recordingMetadata()).isEmpty();
  }

  @Test
  void findsNothingInWhatHasNoPart() {
    for (String body : new String[] {"", "\r\n", "--", "--c\r\n\r\nv=0", "--b", "--b--"}) {
      assertThat(SipBody.ofMultipart(body.getBytes(StandardCharsets.UTF_8), "b").isEmpty())
          .as(body)
          .isTrue();
    }
  }

  /** A stream of a call that is no recording needs an address of its own. */
  @Test
  void aPlainOfferWithALabelIsACallOfOneStream() throws Exception {
    MediaDescription stream =
        SdpParser.parse(
                ("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=label:1\r\n")
                    .getBytes(StandardCharsets.UTF_8))
            .media()
            .getFirst();

    assertThat(stream.attribute("label")).contains("1");
  }
}
