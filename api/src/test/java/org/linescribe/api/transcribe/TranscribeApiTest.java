package org.linescribe.api.transcribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.FakeSession;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SourceRequest;

/** What the API makes of audio and of what is none, and what it says in return. */
class TranscribeApiTest {
  private static final byte[] FRAME = new byte[160];

  @TempDir private Path folder;

  private static TranscribeServer api;

  @BeforeAll
  static void startServer() {
    Arrays.fill(FRAME, (byte) 0xFF);
    api = new TranscribeServer();
  }

  @AfterAll
  static void stopServer() {
    api.close();
  }

  @Test
  void asksForTheModelAndTheLanguageThatTheClientNames() {
    try (WebSocketClient _ =
        api.source(
            "by-model", "?model=telephony-digits-en&language=en-US&hotwords=Acme,John%20Smith")) {
      SourceRequest request = api.session("by-model").request();
      assertThat(request.recognition().model()).contains("telephony-digits-en");
      assertThat(request.recognition().language()).contains("en-US");
      assertThat(request.recognition().hotwords()).containsExactly("Acme", "John Smith");
    }
  }

  @Test
  void decodesFramesOfAnySizeInOrder() {
    byte[] codes = new byte[5000];
    new Random(711).nextBytes(codes);
    FakeSession session = api.session("any-size");

    try (WebSocketClient client = api.source("any-size", "?codec=pcma")) {
      int at = 0;
      for (int size : new int[] {1, 3, 160, 0, 320, 2000, 2516}) {
        client.send(Arrays.copyOfRange(codes, at, at + size));
        at += size;
      }
      await().until(() -> session.samples() == codes.length);
    }

    short[] expected = new short[codes.length];
    G711Law.PCMA.decode(codes, 0, codes.length, expected, 0);
    assertThat(session.audio()).isEqualTo(expected);
  }

  @Test
  void sendsExactlyTheDocumentedMembers() throws InterruptedException {
    FakeSession session = api.session("members");
    try (WebSocketClient client = api.source("members", "?codec=pcmu")) {
      session.hears("hello wor");
      assertThat(client.next())
          .isEqualTo("{\"type\":\"partial\",\"text\":\"hello wor\",\"seq\":1}");

      session.ends("hello world");
      assertThat(client.next())
          .isEqualTo("{\"type\":\"final\",\"text\":\"hello world\",\"seq\":1}");
    }
  }

  @Test
  void answersAWaitingClientWithTheUnchangedText() throws InterruptedException {
    FakeSession session = api.session("waiting");
    try (WebSocketClient client = api.source("waiting", "?codec=pcmu")) {
      for (int frame = 0; frame < 20; frame++) {
        client.send(FRAME);
        assertThat(client.next()).isEqualTo("{\"type\":\"partial\",\"text\":\"\",\"seq\":1}");
      }
      session.hears("one");
      assertThat(client.next()).contains("one");
      client.send(FRAME);
      assertThat(client.next()).isEqualTo("{\"type\":\"partial\",\"text\":\"one\",\"seq\":1}");
    }
  }

  @Test
  void neverLeavesAWaitingClientWithoutAMessageWhateverTheSessionSaysMeanwhile()
      throws InterruptedException {
    FakeSession session = api.session("races");
    WebSocketClient client = api.source("races", "?codec=pcmu");
    Thread chatter =
        Thread.ofVirtual()
            .start(
                () -> {
                  Random random = new Random(60);
                  for (int n = 1; !Thread.currentThread().isInterrupted(); n++) {
                    if (n % 7 == 0) {
                      session.ends("word " + n);
                    } else {
                      session.hears("word " + n);
                    }
                    LockSupport.parkNanos(Duration.ofMillis(20 + random.nextInt(60)).toNanos());
                  }
                });
    try (client) {
      for (int frame = 0; frame < 100 || finals(client) < 5; frame++) {
        client.send(FRAME);
        client.next();
      }
      assertFinalsAreNeverFollowedByTheirOwnPartials(client);
    } finally {
      chatter.interrupt();
    }
  }

  private static long finals(WebSocketClient client) {
    return client.received().stream().filter(message -> message.contains("\"final\"")).count();
  }

  private static void assertFinalsAreNeverFollowedByTheirOwnPartials(WebSocketClient client) {
    long lastFinal = 0;
    for (String message : client.received()) {
      long seq = Long.parseLong(message.replaceAll(".*\"seq\":(\\d+).*", "$1"));
      if (message.contains("\"final\"")) {
        assertThat(seq).isEqualTo(lastFinal + 1);
        lastFinal = seq;
      } else {
        assertThat(seq).isGreaterThan(lastFinal);
      }
    }
    assertThat(lastFinal).isPositive();
  }

  @Test
  void detectsTheLawAndLosesNoneOfTheAudioThatDecidedIt() {
    for (G711Law law : G711Law.values()) {
      short[] pcm = new short[16_000];
      for (int i = 0; i < pcm.length; i++) {
        pcm[i] = (short) (9000 * Math.sin(i * 0.31) + 3000 * Math.sin(i * 0.047));
      }
      byte[] codes = new byte[pcm.length];
      law.encode(pcm, 0, pcm.length, codes, 0);
      FakeSession session = api.session("auto-" + law);

      try (WebSocketClient client = api.source("auto-" + law, "")) {
        for (int at = 0; at < codes.length; at += 20) {
          client.send(Arrays.copyOfRange(codes, at, at + 20));
        }
        await().until(() -> session.samples() == codes.length);
      }

      short[] expected = new short[codes.length];
      law.decode(codes, 0, codes.length, expected, 0);
      assertThat(session.audio()).as(law.name()).isEqualTo(expected);
    }
  }

  @Test
  void answersAWaitingClientWhileTheLawIsUndecidedAndThenKeepsItsAudio()
      throws InterruptedException {
    FakeSession session = api.session("undecided");
    try (WebSocketClient client = api.source("undecided", "?codec=auto")) {
      client.send(new byte[] {1, 2, 3});
      assertThat(client.next()).isEqualTo("{\"type\":\"partial\",\"text\":\"\",\"seq\":1}");
      assertThat(session.samples()).isZero();
    }
    await().until(() -> session.ends().equals(List.of("disconnect")));
    assertThat(session.samples()).isEqualTo(3);
  }

  private byte[] file(String name, String arguments) throws Exception {
    Path file = folder.resolve(name);
    try (Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime)) {
      List<String> command =
          new ArrayList<>(
              List.of(ffmpeg.program().path().toString(), "-v", "error", "-f", "lavfi"));
      command.addAll(List.of("-i", "sine=440:d=1:r=8000"));
      command.addAll(List.of(arguments.split(" ")));
      command.add(file.toString());
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @CsvSource({
    "a.wav, -c:a pcm_s16le",
    "b.wav, -ar 16000 -c:a pcm_mulaw",
    "a.webm, -c:a libopus",
    "a.ogg, -c:a libopus",
    "a.mp3, -c:a libmp3lame",
    "a.flac, -c:a flac",
    "a.m4a, -c:a aac",
    "a.aiff, -c:a pcm_s16be",
    "a.au, -c:a pcm_s16be",
    "a.caf, -c:a pcm_s16le"
  })
  void makesNoAudioOfAContainerAndStaysOpen(String name, String arguments) throws Exception {
    byte[] file = file(name, arguments);
    FakeSession session = api.session(name);
    for (String codec : List.of("auto", "pcmu")) {
      double skipped = api.count("linescribe.api.transcribe.frames.skipped");
      try (WebSocketClient client = api.source(name, "?codec=" + codec)) {
        client.send(Arrays.copyOf(file, 3));
        for (int at = 3; at < file.length; at += 320) {
          client.send(Arrays.copyOfRange(file, at, Math.min(file.length, at + 320)));
        }
        await().until(() -> api.count("linescribe.api.transcribe.frames.skipped") > skipped + 3);
        assertThat(client.isClosed()).isFalse();
      }
      assertThat(session.samples()).as(codec).isZero();
    }
  }

  @Test
  void takesAWavFileOfG711() throws Exception {
    byte[] file = file("law.wav", "-c:a pcm_mulaw");
    FakeSession session = api.session("law-wav");
    try (WebSocketClient client = api.source("law-wav", "?codec=pcmu")) {
      client.send(file);
    }
    await().until(() -> session.samples() == file.length);
  }

  @Test
  void decodesAStreamThatEndsWhileItMayStillBeAContainer() throws Exception {
    FakeSession session = api.session("short-riff");
    try (WebSocketClient client = api.source("short-riff", "?codec=pcmu")) {
      client.send(new byte[] {'R', 'I', 'F'});
    }
    await().until(() -> session.samples() == 3);
  }

  @Test
  void staysOpenOnTextFramesAndCountsThem() throws InterruptedException {
    double before = api.count("linescribe.api.transcribe.frames.text");
    try (WebSocketClient client = api.source("text", "?codec=pcmu")) {
      client.send("{\"audio\": \"no\"}");
      client.send("");
      client.send(FRAME);

      assertThat(client.next()).contains("\"partial\"");
      assertThat(api.count("linescribe.api.transcribe.frames.text")).isEqualTo(before + 2);
    }
  }

  @Test
  void skipsAFrameWhoseProcessingFails() {
    FakeSession session = api.session("skipped");
    try (WebSocketClient client = api.source("skipped", "?codec=pcmu")) {
      session.failNextWrite(new IllegalStateException("made by the test"));
      client.send(FRAME);
      client.send(FRAME);
      client.send(FRAME);
      await().until(() -> session.samples() == 2 * FRAME.length);
      assertThat(client.isClosed()).isFalse();
    }
  }

  /** A frame may also fail when there is space for it at last. */
  @Test
  void skipsAFrameWhoseProcessingFailsLater() {
    FakeSession session = api.session("skipped-later");
    session.space(0);
    double pauses = api.count("linescribe.api.transcribe.pauses");
    double lost = api.count("linescribe.api.transcribe.audio.lost.bytes");
    try (WebSocketClient client = api.source("skipped-later", "?codec=pcmu")) {
      client.send(FRAME);
      await().until(() -> api.count("linescribe.api.transcribe.pauses") > pauses);
      session.failNextWrite(new IllegalStateException("made by the test"));
      session.writable(Integer.MAX_VALUE);
      client.send(FRAME);
      await().until(() -> session.samples() == FRAME.length || client.isClosed());
      assertThat(client.isClosed()).isFalse();

      double skipped = api.count("linescribe.api.transcribe.frames.skipped");
      session.failNextWrite(new IllegalStateException("made by the test"));
      client.send(FRAME);
      await().until(() -> api.count("linescribe.api.transcribe.frames.skipped") > skipped);
    }
    // Nothing of it was left that would have to be given up first.
    await().until(() -> session.ends().equals(List.of("disconnect")));
    assertThat(api.count("linescribe.api.transcribe.audio.lost.bytes")).isEqualTo(lost);
  }

  @Test
  void takesAFragmentedMessageWithinTheLimit() {
    FakeSession session = api.session("parts");
    try (WebSocketClient client = api.source("parts", "?codec=pcmu")) {
      client.sendPart(FRAME, false);
      client.sendPart(FRAME, false);
      client.ping();
      client.sendPart(FRAME, true);
      await().until(() -> session.samples() == 3 * FRAME.length);
    }
  }

  @Test
  void takesThousandsOfTinyFrames() {
    FakeSession session = api.session("tiny");
    try (WebSocketClient client = api.source("tiny", "?codec=pcmu")) {
      for (int frame = 0; frame < 10_000; frame++) {
        client.send(new byte[] {(byte) frame});
      }
      await().until(() -> session.samples() == 10_000);
      assertThat(client.isClosed()).isFalse();
    }
  }

  @Test
  void endsTheOpenUtteranceOfASourceThatSendsNoMore() {
    try (TranscribeServer impatient =
            new TranscribeServer(Map.of("linescribe.api.transcribe.flush-after", "500ms"));
        WebSocketClient client = impatient.source("stalled", "?codec=pcmu")) {
      FakeSession session = impatient.session("stalled");
      client.send(FRAME);
      await().until(() -> session.flushes() == 1);
      assertThat(session.ends()).isEmpty();
    }
  }

  @Test
  void closesWithTheReasonWhenTheRequestIsBad() {
    assertThat(api.connect("bad%20id").closed())
        .isEqualTo(
            new WebSocketClient.Closed(
                1008,
                "session_id: expected 1 to 128 of A-Z a-z 0-9 . _ ~ - + ! @ :, not only dots"));
    assertThat(api.connect("x?codec=opus").closed())
        .isEqualTo(new WebSocketClient.Closed(1008, "codec: expected auto, pcmu or pcma"));
    assertThat(api.connect("x?endpoint_ms=99").closed().code()).isEqualTo(1008);
    assertThat(api.connect("x?endpoint_ms=soon").closed().code()).isEqualTo(1008);
  }

  @Test
  void answersAPlainRequestWithAnErrorInWords() throws IOException, InterruptedException {
    HttpResponse<String> response = get(api.server().http("/ws/transcribe/plain"));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).get("error").asString()).contains("Upgrade");
  }

  @Test
  void passesTheEndpointSilenceOn() {
    try (WebSocketClient client = api.source("endpoint", "?codec=pcmu&endpoint_ms=450")) {
      assertThat(client.isClosed()).isFalse();
      assertThat(api.session("endpoint").request().recognition().endpointSilence())
          .contains(Duration.ofMillis(450));
    }
  }
}
