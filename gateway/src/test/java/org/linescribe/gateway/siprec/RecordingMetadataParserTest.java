package org.linescribe.gateway.siprec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.session.Participant;

class RecordingMetadataParserTest {
  private static RecordingMetadata parse(String document) throws MetadataException {
    return RecordingMetadataParser.parse(document.getBytes(StandardCharsets.UTF_8));
  }

  private static RecordingMetadata offer(String file) throws IOException, MetadataException {
    return RecordingMetadataParser.parse(VendorOffers.metadata(file));
  }

  private static String who(RecordingMetadata metadata, String label) {
    return metadata
        .participantOf(label)
        .map(p -> p.text() + p.role().map(role -> " " + role).orElse(""))
        .orElse("");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "acme-siprec-offer.txt | 16777227 | 9000 <sip:9000@192.168.50.102> CALLER",
        "acme-siprec-offer.txt | 16777228 | 1002 <sip:1002@192.168.50.10> CALLEE",
        "broadworks-offer.txt | 1 | ''",
        "broadworks-offer-2.txt | 10 | sip:9878942259@212.188.68.145",
        "broadworks-offer-2.txt | 20 | sip:ASBCE@asbce.com",
        "cisco-siprec-offer.txt | 1 | sip:7301@35.162.237.204",
        "cisco-siprec-offer.txt | 2 | 7300 <sip:7300@35.162.237.204>",
        "inactive-sdp-offer.txt | 1 | sip:0733165805@192.168.40.34",
        "inactive-sdp-offer.txt | 2 | sip:+972546136443@192.168.10.140",
        "connectel-offer.txt | 1 | test_user <sip:0771121212@52.57.92.239>",
        "connectel-offer2.txt | 1 | test_user <sip:0771121212@52.57.92.239>",
        "connectel-offer3.txt | 1 | test_user <sip:0771121212@52.57.92.239>",
        "connectel-offer3.txt | 2 | sip:0760516936@sip-cust1.connectel.io",
        "procomm-siprec-offer.txt | a_leg | 016190200 <sip:016190200@87.252.209.116>",
        "procomm-siprec-offer.txt | b_leg | Speechpath-Main-Line 016190619"
            + " <sip:Extension-016190619@speechpath.ie>",
        "sonus-siprec-offer.txt | 2 | Extension 8500 <sip:2249888500@172.16.198.55> CALLER",
        "sonus-siprec-offer.txt | 1 | sip:2249888012@172.16.195.72 CALLEE",
      })
  void readsTheMetadataOfVendors(String file, String label, String expected) throws Exception {
    assertThat(who(offer(file), label)).isEqualTo(expected);
  }

  @Test
  void keepsWhatIdentifiesTheRecordedCall() throws Exception {
    assertThat(offer("sonus-siprec-offer.txt").callFacts())
        .containsEntry(RecordingMetadata.CALL_ID, "2da553f7-a48b-1235-d6a2-5254003a4988")
        .containsEntry(RecordingMetadata.GROUP_ID, "MTQ3YzA3YzAtNjdkNy0xMA==")
        .containsEntry(RecordingMetadata.SESSION_ID, "MTQ3YzA3YzEtNjdkNy0xMA==");
    assertThat(offer("cisco-siprec-offer.txt").callFacts())
        .containsEntry(
            RecordingMetadata.SIP_SESSION_ID,
            "e9fffff2020a598b86962867715db0cf;remote=cd0f7093d62c5f0697098fd69a4aa57b");
  }

  private static final String TWO =
      "<recording><datamode>complete</datamode><participant participant_id='a'><nameID"
          + " aor='sip:a@x'><name>Ann</name></nameID></participant><participant"
          + " participant_id='b'><nameID"
          + " aor='sip:b@x'><name>Ben</name></nameID></participant><stream"
          + " stream_id='s'><label>1</label></stream><stream"
          + " stream_id='t'><label>2</label></stream><participantstreamassoc"
          + " participant_id='a'><send>s</send><recv>t</recv></participantstreamassoc><participantstreamassoc"
          + " participant_id='b'><send>t</send></participantstreamassoc></recording>";

  private static String partial(String content) {
    return "<recording><datamode>partial</datamode>" + content + "</recording>";
  }

  @Test
  void aPartialUpdateChangesOnlyWhatItNames() throws Exception {
    RecordingMetadata after =
        parse(TWO)
            .updatedBy(
                parse(
                    partial(
                        "<participant participant_id='b'><nameID"
                            + " aor='sip:b2@x'/></participant>")));

    assertThat(who(after, "1")).isEqualTo("Ann <sip:a@x>");
    assertThat(who(after, "2")).isEqualTo("Ben <sip:b2@x>");
  }

  @Test
  void aTransferGivesTheStreamToAnother() throws Exception {
    RecordingMetadata after =
        parse(TWO)
            .updatedBy(
                parse(
                    partial(
                        "<participant participant_id='c'><nameID"
                            + " aor='sip:c@x'><name>Cid</name></nameID></participant>"
                            + "<participantstreamassoc"
                            + " participant_id='c'><send>t</send></participantstreamassoc>")));

    assertThat(who(after, "2")).isEqualTo("Cid <sip:c@x>");
  }

  @Test
  void oneWhoLeftSpeaksNoMore() throws Exception {
    RecordingMetadata after =
        parse(TWO)
            .updatedBy(
                parse(
                    partial(
                        "<participantsessionassoc"
                            + " participant_id='b'><disassociate-time>2026-01-01T00:00:00Z"
                            + "</disassociate-time></participantsessionassoc>")));

    assertThat(after.participantOf("2")).isEmpty();
    assertThat(who(after, "1")).isEqualTo("Ann <sip:a@x>");
  }

  @Test
  void aMixedStreamNamesAllWhoSendIt() throws Exception {
    RecordingMetadata mixed = parse(TWO.replace("<send>t</send>", "<send>s</send>"));

    assertThat(mixed.participantOf("1"))
        .contains(new Participant("Ann <sip:a@x>, Ben <sip:b@x>", "", Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE r [<!ENTITY x 'boom'>]><recording><participant><nameID"
            + " aor='a'><name>&x;</name></nameID></participant></recording>",
        "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><recording/>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><recording>&x;</recording>",
        "<recording>&undeclared;</recording>",
        "<recording>",
        "",
        "not XML",
      })
  void refusesWhatIsNoMetadata(String document) {
    assertThatThrownBy(() -> parse(document))
        .isInstanceOf(MetadataException.class)
        .hasMessageNotContaining("passwd");
  }

  @Test
  void refusesWhatIsTooDeepTooLongOrTooMany() {
    assertThatThrownBy(() -> parse("<a>".repeat(40) + "</a>".repeat(40)))
        .isInstanceOf(MetadataException.class);
    assertThatThrownBy(() -> parse("<r>" + "<a/>".repeat(5000) + "</r>"))
        .isInstanceOf(MetadataException.class);
    assertThatThrownBy(() -> parse("<r>" + " ".repeat(70_000) + "</r>"))
        .isInstanceOf(MetadataException.class);
    StringBuilder many = new StringBuilder("<r>");
    for (int i = 0; i < 300; i++) {
      many.append("<participant id='").append(i).append("'/>");
    }
    assertThatThrownBy(() -> parse(many + "</r>")).isInstanceOf(MetadataException.class);
  }

  /** Damaged documents parse or are refused by the one exception that a call handles. */
  @Test
  void neverThrowsAnythingElse() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] whole = VendorOffers.metadata("sonus-siprec-offer.txt");
    for (int round = 0; round < 5000; round++) {
      byte[] damaged = whole.clone();
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        RecordingMetadataParser.parse(damaged).participantOf("1");
      } catch (MetadataException refused) {
        assertThat(refused.getMessage()).as("seed " + seed).isNotBlank();
      }
    }
  }
}
