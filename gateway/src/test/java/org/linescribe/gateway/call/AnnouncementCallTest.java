package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.gateway.Unhurried;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.media.resample.Resampler;
import org.linescribe.media.wav.WavReader;
import org.linescribe.media.wav.WavWriter;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** Real telephones are told something first: what they hear of it, and the words after it. */
class AnnouncementCallTest {
  private static final Path TOLD = ProjectFiles.recorded("pin-slt.wav");

  @TempDir Path work;

  private static short[] samples(Path wav) throws IOException {
    try (WavReader reader = WavReader.open(wav)) {
      return reader.readAll(120 * 8000);
    }
  }

  private static SipGateway gateway(Sessions sessions, SimpleMeterRegistry registry)
      throws Exception {
    SipGateway made =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            PatientRtp.settings(),
            SettingsDefaults.of(CallSettings.class, Map.of("announcement", TOLD.toString())),
            sessions,
            registry,
            Clock.systemUTC());
    made.start();
    return made;
  }

  /** What baresip decoded, by its own codecs and its own SRTP. */
  @ParameterizedTest
  @CsvSource({
    "pcmu/8000/1, 8000, none",
    "pcma/8000/1, 8000, none",
    "g722/16000/1, 8000, none",
    "opus/48000/2, 8000, none",
    "pcmu/8000/1, 8000, srtp-mand",
    "pcma/8000/1, 8000, dtls_srtp"
  })
  @NeedsTool({Tool.BARESIP, Tool.OPENSSL})
  void baresipHearsIt(String codec, String rate, String encryption) throws Exception {
    RecordingSessionsFake sessions = new RecordingSessionsFake();
    SipGateway gateway = gateway(sessions, new SimpleMeterRegistry());
    try {
      SipKit kit = new SipKit(work);
      String to = "sip:x@127.0.0.1:" + gateway.udpAddress().getPort();
      Map<String, String> options = new HashMap<>(Map.of("CODECS", codec));
      if (!codec.startsWith("pcm")) {
        options.put("SRATE", rate);
      }
      if (!encryption.equals("none")) {
        options.put("ENC", encryption);
      }
      try (SipKit.Background baresip = BaresipCaller.call(kit, to, options)) {
        // It hangs up at the end of its recording, which is longer than the announcement.
        await()
            .alias("see " + baresip.output())
            .untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
      }
    } finally {
      gateway.stop();
    }

    short[] heard = at8Khz(heard());
    Speech.assertPieceHeard(
        "announcement, " + codec + ", " + encryption, samples(TOLD), heard, 1500);
    assertThat(sessions.only().marks())
        .containsExactly("Announcement started", "Announcement ended");
  }

  /** The recording is at the codec's rate and has its channels. */
  private static short[] at8Khz(Path wav) throws IOException {
    try (WavReader reader = WavReader.open(wav)) {
      int rateHz = reader.format().sampleRateHz();
      int channels = reader.format().channels();
      short[] all = reader.readAll(60 * rateHz);
      short[] mono = new short[all.length / channels];
      for (int i = 0; i < mono.length; i++) {
        mono[i] = all[i * channels];
      }
      if (rateHz == 8000) {
        return mono;
      }
      Resampler resampler = new Resampler(rateHz, 8000);
      short[] out = new short[resampler.maxOutput(mono.length)];
      return Arrays.copyOf(out, resampler.process(mono, 0, mono.length, out, 0));
    }
  }

  private Path heard() throws IOException {
    try (Stream<Path> files = Files.walk(work)) {
      return files.filter(f -> f.toString().endsWith("-dec.wav")).findFirst().orElseThrow();
    }
  }

  /** Words during the announcement are in no transcript, those after it are all there. */
  @Test
  @NeedsTool({Tool.SIPP, Tool.PYTHON})
  void theWordsAfterItAreTranscribedAndThoseInItAreNot() throws Exception {
    SipKit kit = new SipKit(work);
    kit.record("twice", twice(), 0);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (Recogniser recogniser = SherpaRecognisers.bundled(Unhurried.recogniser(), registry);
        Sessions sessions =
            SessionPipeline.builder()
                .settings(Unhurried.sessions())
                .recogniser(recogniser.info().provider(), recogniser)
                .stores(
                    SessionStores.open(
                        work.resolve("data"),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        registry))
                .meters(registry)
                .clock(Clock.systemUTC())
                .build()) {
      SipGateway gateway = gateway(sessions, registry);
      try {
        SipKit.Run run = kit.call("uac_g711u", gateway.udpAddress(), Map.of(), "twice", "twice");
        assertThat(run.status()).as(run.output()).isZero();
        await().until(() -> newest(sessions).endReason().isPresent());
      } finally {
        gateway.stop();
      }
      String words =
          sessions.segments(newest(sessions).sessionId(), 1, 100).stream()
              .map(Segment::text)
              .collect(Collectors.joining(" "));
      assertThat(words).isEqualTo(SpokenCallTest.WORDS);
      assertThat(CallMark.of(newest(sessions).attributes()))
          .extracting(CallMark::text)
          .containsExactly("Announcement started", "Announcement ended");
      long announcedMs =
          CallMark.of(newest(sessions).attributes()).get(1).atMs()
              - CallMark.of(newest(sessions).attributes()).get(0).atMs();
      System.out.println("announced for " + announcedMs + " ms of " + samples(TOLD).length / 8);
    }
  }

  private static SessionRecord newest(Sessions sessions) {
    return sessions.list(SessionQuery.all(Optional.empty(), 1)).getFirst();
  }

  /** The digits at once, and again 6 s later, when the 3.2 s of the announcement are long over. */
  private Path twice() throws IOException {
    short[] pin = samples(TOLD);
    short[] twice = Arrays.copyOf(pin, pin.length + 6 * 8000 + pin.length + 8000);
    System.arraycopy(pin, 0, twice, pin.length + 6 * 8000, pin.length);
    Path wav = work.resolve("twice.wav");
    try (WavWriter writer = WavWriter.create(wav, 8000, 1)) {
      writer.write(twice, 0, twice.length);
    }
    return wav;
  }
}
