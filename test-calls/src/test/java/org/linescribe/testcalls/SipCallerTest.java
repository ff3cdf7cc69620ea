package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProcessSignal;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;

/** The SIP caller against SIPp. */
class SipCallerTest {
  private static final Path ANSWER = ProjectFiles.sipKit().resolve("sipp/uas_answer.xml");

  @TempDir Path folder;

  @NeedsTool(Tool.SIPP)
  @ParameterizedTest
  @CsvSource({"udp, PCMU, 0", "tcp, PCMA, 8"})
  void placesACallSendsItsAudioAndHangsUp(String transport, G711Law law, int payloadType)
      throws Exception {
    CallAudio audio = CallAudio.read(ProjectFiles.recorded("pin-repeated-alaw.wav"), law);
    SentAudio sent;
    try (SippServer sipp = new SippServer(ANSWER, transport, folder);
        SipCaller caller =
            Fixtures.sipCaller("sip:127.0.0.1:" + sipp.port + ";transport=" + transport, law)) {
      try (OpenCall call = caller.open("session-7")) {
        assertThat(call.sessionId())
            .as("where the peer names none, the asked one")
            .isEqualTo("session-7");
        sent = call.play(audio, FrameClock.system());
      }
      sipp.assertPassed();
      await().until(() -> sipp.packets.size() >= audio.frames());

      assertThat(sipp.messages())
          .contains(
              "X-Session-Id: session-7",
              "BYE sip:uas@127.0.0.1",
              "a=rtpmap:" + payloadType + " " + law + "/8000");
      assertThat(sent.frames()).isEqualTo(audio.frames());
      assertThat(sent.isEndedByPeer()).isFalse();
      assertIsOneStreamOf(audio, payloadType, sipp.packets);
    }
  }

  private static void assertIsOneStreamOf(CallAudio audio, int payloadType, List<byte[]> packets) {
    assertThat(packets).hasSize(audio.frames());
    ByteBuffer first = ByteBuffer.wrap(packets.getFirst());
    byte[] frame = new byte[CallAudio.FRAME_BYTES];
    for (int i = 0; i < packets.size(); i++) {
      ByteBuffer packet = ByteBuffer.wrap(packets.get(i));
      audio.frame(i, frame, 0);
      assertThat(packet.get(0)).as("version 2, no padding, extension, CSRC").isEqualTo((byte) 0x80);
      assertThat(packet.get(1) & 0x7F).isEqualTo(payloadType);
      assertThat(packet.get(1) < 0).as("marker").isEqualTo(i == 0);
      assertThat(packet.getShort(2)).isEqualTo((short) (first.getShort(2) + i));
      assertThat(packet.getInt(4)).isEqualTo(first.getInt(4) + 160 * i);
      assertThat(packet.getInt(8)).isEqualTo(first.getInt(8));
      assertThat(packet.array()).hasSize(172);
      assertThat(packet.slice(12, 160)).isEqualTo(ByteBuffer.wrap(frame));
    }
  }

  @NeedsTool(Tool.SIPP)
  @Test
  void takesTheSessionIdThatThePeerChoseAndNoticesThatItHangsUp() throws Exception {
    CallAudio audio = CallAudio.read(ProjectFiles.recorded("pin-slt.wav"), G711Law.PCMU);
    try (SippServer sipp = new SippServer(scenario("answer_and_hang_up"), "udp", folder);
        SipCaller caller = Fixtures.sipCaller(sipp.port, G711Law.PCMU);
        OpenCall call = caller.open("mine")) {
      assertThat(call.sessionId()).isEqualTo("chosen-by-the-peer");

      SentAudio sent = call.play(audio, new HangsUpAfter(5, sipp));

      assertThat(sent.isEndedByPeer()).isTrue();
      assertThat(sent.frames()).isEqualTo(5);
    }
  }

  /** The time stands at a frame until the peer, asked to by an INFO, has hung up. */
  private static final class HangsUpAfter implements FrameClock {
    private final int frames;
    private final SippServer sipp;
    private int awaited;

    HangsUpAfter(int frames, SippServer sipp) {
      this.frames = frames;
      this.sipp = sipp;
    }

    @Override
    public long nowNs() {
      return System.nanoTime();
    }

    @Override
    public void await(long deadlineNs) throws InterruptedException {
      if (awaited++ == frames) {
        try {
          sipp.sayWithinTheCall("INFO");
          sipp.assertPassed();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  @NeedsTool(Tool.SIPP)
  @Test
  void tellsThatThePeerIsFullAndWhenToTryAgain() throws Exception {
    CallFailedException refused = refusedBy("refuse_503");

    assertThat(refused.kind()).isEqualTo(CallFailedException.Kind.REFUSED);
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.retryAfterS()).contains(17);
    assertThat(refused)
        .hasMessageContaining("refused the call: 503 Service Unavailable")
        .hasMessageContaining("Retry-After: 17 s");
  }

  @NeedsTool(Tool.SIPP)
  @Test
  void tellsWhereACallWasMovedTo() throws Exception {
    assertThat(refusedBy("redirect_302"))
        .hasMessageContaining("302")
        .hasMessageContaining("call sip:other@192.0.2.7:5070 instead");
  }

  @NeedsTool(Tool.SIPP)
  @Test
  void refusesAnAnswerWithoutItsCodec() throws Exception {
    try (SippServer sipp = new SippServer(scenario("answer_and_hang_up"), "udp", folder);
        SipCaller caller = Fixtures.sipCaller(sipp.port, G711Law.PCMA)) {
      assertThatThrownBy(() -> caller.open("x"))
          .isInstanceOf(CallFailedException.class)
          .hasMessageContaining("does not accept PCMA");
    }
  }

  @NeedsTool(Tool.SIPP)
  @Test
  void cancelsACallThatRingsWhenItIsInterrupted() throws Exception {
    try (SippServer sipp =
            new SippServer(
                ProjectFiles.sipKit().resolve("sipp/uas_ring_until_cancel.xml"), "udp", folder);
        SipCaller caller = Fixtures.sipCaller(sipp.port, G711Law.PCMU)) {
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Thread calling =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (OpenCall call = caller.open("x")) {
                      interrupted.completeExceptionally(
                          new AssertionError("answered: " + call.sessionId()));
                    } catch (InterruptedException e) {
                      interrupted.complete(true);
                    } catch (CallFailedException e) {
                      interrupted.completeExceptionally(e);
                    }
                  });
      await().until(() -> sipp.messages().contains("180 Ringing"));
      await()
          .until(
              () -> {
                calling.interrupt();
                return interrupted.isDone();
              });

      assertThat(interrupted.get()).isTrue();
      sipp.assertPassed();
    }
  }

  @Test
  void tellsWhatToDoWhenNobodyListensOnTheTcpPort() throws Exception {
    try (DeafPort nobody = DeafPort.take();
        SipCaller caller =
            new SipCaller("sip:127.0.0.1:" + nobody.number() + ";transport=tcp", G711Law.PCMU)) {
      assertUnreachable(caller, "(TCP)");
    }
  }

  @Test
  void tellsWhatToDoWhenNobodyListensOnTheUdpPort() throws Exception {
    try (DeafPort nobody = DeafPort.take();
        SipCaller caller = new SipCaller("sip:127.0.0.1:" + nobody.number(), G711Law.PCMU)) {
      assertUnreachable(caller, "(UDP)");
    }
  }

  private static void assertUnreachable(SipCaller caller, String transport) {
    CallFailedException failure =
        catchThrowableOfType(CallFailedException.class, () -> caller.open("x"));

    assertThat(failure.kind()).isEqualTo(CallFailedException.Kind.UNREACHABLE);
    assertThat(failure)
        .hasMessageContaining(transport)
        .hasMessageContaining("nothing answers at 127.0.0.1:")
        .hasMessageContaining("is `./linescribe serve` running?");
  }

  @NeedsTool(Tool.SIPP)
  @Test
  void hangsUpWhenTheProgramIsInterrupted() throws Exception {
    try (SippServer sipp = new SippServer(ANSWER, "udp", folder);
        TranscriptServer transcripts = new TranscriptServer()) {
      Path java = Path.of(System.getProperty("java.home"), "bin", "java");
      Process program =
          new ProcessBuilder(
                  java.toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  CallMain.class.getName(),
                  ProjectFiles.recorded("long-pauses-ulaw.wav").toString(),
                  "--to",
                  "sip:127.0.0.1:" + sipp.port,
                  "--subscribe",
                  transcripts.url() + "/ws/subscribe/{id}")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("call.log").toFile())
              .start();
      try {
        await().until(() -> sipp.packets.size() > 20);
        // Not SIGINT: where a shell runs the tests in its background, children ignore it.
        ProcessSignal.send("TERM", program.pid());

        assertThat(program.waitFor(60, TimeUnit.SECONDS))
            .as(Files.readString(folder.resolve("call.log")))
            .isTrue();
        sipp.assertPassed();
        assertThat(sipp.messages()).contains("BYE sip:uas@127.0.0.1");
        assertThat(Files.readString(folder.resolve("call.log")))
            .contains("interrupted; the calls are hung up")
            .doesNotContain("Exception");
      } finally {
        program.destroyForcibly();
      }
    }
  }

  @Test
  void readsSipAddressesAsPeopleWriteThem() {
    assertThat(SipTarget.parse("sip:127.0.0.1"))
        .isEqualTo(new SipTarget("sip:127.0.0.1", "127.0.0.1", 5060, "udp"));
    assertThat(SipTarget.parse("sip:bot@pbx.example:5070;transport=TCP"))
        .extracting(SipTarget::host, SipTarget::port, SipTarget::transport)
        .containsExactly("pbx.example", 5070, "tcp");
    assertThat(SipTarget.parse("sip:[::1]:5062").host()).isEqualTo("[::1]");
    for (String wrong :
        List.of(
            "127.0.0.1",
            "sip:",
            "sips:127.0.0.1",
            "sip:127.0.0.1:0",
            "sip:127.0.0.1:70000",
            "sip:a b",
            "sip:x;transport=ws")) {
      assertThatThrownBy(() -> SipTarget.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void readsAnAnswersAudio() {
    AudioDescription audio =
        AudioDescription.parse(
            "v=0\r\n"
                + "c=IN IP4 127.0.0.1\r\n"
                + "m=audio 4000 RTP/AVP 8 0 101\r\n"
                + "c=IN IP4 127.0.0.2\r\n"
                + "a=recvonly\r\n"
                + "m=video 0 RTP/AVP 31\r\n"
                + "a=inactive\r\n");

    assertThat(audio).isNotNull();
    assertThat(audio.address().getAddress().getHostAddress()).isEqualTo("127.0.0.2");
    assertThat(audio.payloadTypes()).containsExactly(8, 0, 101);
    assertThat(audio.receives()).isTrue();
    assertThat(AudioDescription.parse("v=0\nc=IN IP4 127.0.0.1\nm=audio 0 RTP/AVP 0\n"))
        .as("refused")
        .isNull();
    assertThat(AudioDescription.parse("v=0\nm=audio 4000 RTP/AVP 0\n")).as("no address").isNull();
    assertThat(AudioDescription.parse("m=audio x RTP/AVP 0\nc=")).as("garbage").isNull();
    assertThat(
            AudioDescription.parse("c=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0\na=inactive\n")
                .receives())
        .isFalse();
  }

  private CallFailedException refusedBy(String scenario) throws Exception {
    try (SippServer sipp = new SippServer(scenario(scenario), "udp", folder);
        SipCaller caller = Fixtures.sipCaller(sipp.port, G711Law.PCMU)) {
      CallFailedException refused =
          catchThrowableOfType(CallFailedException.class, () -> caller.open("x"));
      sipp.assertPassed();
      return refused;
    }
  }

  private static Path scenario(String name) throws URISyntaxException, IOException {
    return Path.of(
        Objects.requireNonNull(SipCallerTest.class.getResource("/sipp/" + name + ".xml")).toURI());
  }
}
