package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.gateway.call.Patience.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionSettings;
import org.linescribe.session.pipeline.SessionStores;

/** The whole way: SIPp speaks, and the words stand in the store. Nothing here is a stand-in. */
class SpokenCallTest {
  static final String WORDS = "FOUR SEVEN ONE NINE";

  @TempDir static Path work;
  @TempDir static Path data;
  private static SipKit kit;
  private static Recogniser recogniser;
  private static Sessions sessions;
  private static SipGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    kit = new SipKit(work);
    SipKit.require(SipKit.onPath("sox"), "sox");
    record(kit, work, "ulaw", "ul", "mu-law");
    record(kit, work, "alaw", "al", "a-law");
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    recogniser = SherpaRecognisers.bundled(SchedulerSettings.defaults(), registry);
    sessions =
        SessionPipeline.builder()
            .settings(SessionSettings.defaults())
            .recogniser(recogniser.info().provider(), recogniser)
            .stores(
                SessionStores.open(
                    data, Optional.empty(), Optional.empty(), Duration.ofMinutes(1), registry))
            .meters(registry)
            .clock(Clock.systemUTC())
            .build();
    gateway =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            Patience.rtp(),
            CallSettings.defaults(),
            sessions,
            registry,
            Clock.systemUTC());
    gateway.start();
  }

  /** Puts the recorded PIN where SIPp finds it, in a law. */
  static void record(SipKit kit, Path work, String extension, String type, String encoding)
      throws Exception {
    Path recording =
        Path.of(System.getProperty("linescribe.root"), "test-calls", "recorded", "pin-slt.wav");
    Path audio = Files.createDirectories(work.resolve("audio"));
    SipKit.Run sox =
        kit.run(
            List.of(
                "sox",
                recording.toString(),
                "-r",
                "8000",
                "-c",
                "1",
                "-t",
                type,
                "-e",
                encoding,
                audio.resolve("pin." + extension).toString()),
            Map.of(),
            30);
    assertThat(sox.status()).as(sox.output()).isZero();
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.stop();
    }
    if (sessions != null) {
      sessions.close();
    }
    if (recogniser != null) {
      recogniser.close();
    }
  }

  private static SessionRecord newest() {
    return sessions.list(Optional.empty(), 1).getFirst();
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
}
