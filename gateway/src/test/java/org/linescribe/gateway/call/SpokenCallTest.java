package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.gateway.RealSessions;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** The whole way: SIPp speaks, and the words stand in the store. Nothing here is a stand-in. */
@NeedsTool({Tool.SIPP, Tool.PYTHON})
class SpokenCallTest {
  static final String WORDS = "FOUR SEVEN ONE NINE";
  private static final String PHONE_WORDS =
      "ZERO TWO ZERO SEVEN NINE FOUR SIX ONE EIGHT THREE ZERO";

  @TempDir static Path work;
  @TempDir static Path data;
  private static SipKit kit;
  private static RealSessions real;
  private static Sessions sessions;
  private static SipGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    kit = new SipKit(work);
    kit.record("pin", ProjectFiles.recorded("pin-slt.wav"), 0);
    kit.record("phone", ProjectFiles.recorded("phone-gb.wav"), 0);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    real = RealSessions.unhurried(data, registry);
    sessions = real.sessions();
    gateway =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            PatientRtp.settings(),
            CallSettings.defaults(),
            sessions,
            registry,
            Clock.systemUTC());
    gateway.start();
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.stop();
    }
    if (real != null) {
      real.close();
    }
  }

  private static SessionRecord newest() {
    return sessions.list(SessionQuery.all(Optional.empty(), 1)).getFirst();
  }

  /** The end is stored after the last words. */
  private static void awaitEndOfNewest() {
    await().until(() -> newest().endReason().isPresent());
  }

  private static String textOfNewest() {
    return sessions.segments(newest().sessionId(), 1, 100).stream()
        .map(Segment::text)
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource({"uac_g711u,pcmu,u1", "uac_g711a,pcma,u1", "uac_g711u,pcmu,t1"})
  void keepsTheWordsOfACall(String scenario, String law, String transport) {
    SipKit.Run run =
        kit.call(scenario, gateway.udpAddress(), Map.of(), "pin", "pin", "--", "-t", transport);

    assertThat(run.status()).as(run.output()).isZero();
    awaitEndOfNewest();
    assertThat(textOfNewest()).isEqualTo(WORDS);
    assertThat(newest().kind()).isEqualTo("sip");
    assertThat(newest().endReason()).contains("bye");
    assertThat(newest().attributes()).containsEntry("law", law).containsKeys("call_id", "from");
  }

  @Test
  void keepsTheSessionUnderLossAndJitter() {
    SipKit.Run run =
        kit.call(
            "uac_g711u",
            gateway.udpAddress(),
            Map.of("RTP_OPTS", "--loss .05 --dup .02 --reorder .02 --jitter 40 --seed 3"),
            "pin",
            "pin");

    assertThat(run.status()).as(run.output()).isZero();
    awaitEndOfNewest();
    System.out.println("with 5 % loss and 40 ms jitter: " + textOfNewest() + " of " + WORDS);
    assertThat(newest().endReason()).contains("bye");
    assertThat(sessions.segments(newest().sessionId(), 1, 100)).isNotEmpty();
  }

  /** A scenario's two parties, whose words are whole, each on a leg, and numbered in one row. */
  private List<Segment> recorded(String scenario) {
    SipKit.Run run = kit.call(scenario, gateway.udpAddress(), Map.of(), "phone", "pin");

    assertThat(run.status()).as(run.output()).isZero();
    awaitEndOfNewest();
    List<Segment> segments = sessions.segments(newest().sessionId(), 1, 100);
    assertThat(text(segments, "1")).isEqualTo(PHONE_WORDS);
    assertThat(text(segments, "2")).isEqualTo(WORDS);
    assertThat(segments)
        .extracting(Segment::seq)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, segments.size()).boxed().toList());
    return segments;
  }

  /** Both parties of a recorded call, on their own legs and in one numbered transcript. */
  @Test
  void keepsTheWordsOfBothPartiesOfARecording() {
    List<Segment> segments = recorded("uac_siprec");
    assertThat(segments)
        .allSatisfy(
            segment ->
                assertThat(segment.participant().orElseThrow().text())
                    .isEqualTo(
                        segment.leg().equals("1")
                            ? "Bob <sip:bob@example.com>"
                            : "Alice <sip:alice@example.com>"));
    // Who finishes first has the lower number.
    assertThat(segments).extracting(Segment::endMs).isSorted();
    assertThat(newest().kind()).isEqualTo("siprec");
    assertThat(newest().legs()).containsExactly("1", "2");
    assertThat(newest().attributes())
        .containsEntry("participant.1", "Bob <sip:bob@example.com>")
        .containsEntry("recorded_session_id", "hVpd7YQgRW2nD22h7q60JQ==");
  }

  /** A stream that a re-INVITE adds while the first one speaks, by SIPp. */
  @Test
  void keepsTheWordsOfAPartyThatJoinsARecording() {
    List<Segment> segments = recorded("uac_siprec_join");
    assertThat(segments)
        .filteredOn(segment -> segment.leg().equals("2"))
        .allSatisfy(
            segment -> {
              assertThat(segment.startMs()).isGreaterThanOrEqualTo(1000);
              assertThat(segment.participant().orElseThrow().text())
                  .isEqualTo("Alice <sip:alice@example.com>");
            });
    assertThat(newest().legs()).containsExactly("1", "2");
  }

  private static String text(List<Segment> segments, String leg) {
    return segments.stream()
        .filter(segment -> segment.leg().equals(leg))
        .map(Segment::text)
        .collect(Collectors.joining(" "));
  }
}
