package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavReader;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SentAudio;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testsupport.Patience;

/** The program as a process: its start, its refusals, its end. */
final class ServeProcessTest {
  private static final int SIGTERM_STATUS = 128 + 15;

  /**
   * As long as a loaded machine may take for the last words; a stop waits no longer than it must.
   */
  private static final String[] UNHURRIED = {
    "--set", "linescribe.drain=2m",
    "--set", "linescribe.session.flush-time=60s",
    // Nothing but the stop shall end an open utterance.
    "--set", "linescribe.api.transcribe.flush-after=1h"
  };

  @TempDir Path folder;

  @Test
  void aStopBySigtermFlushesTheOpenUtteranceIntoTheStore() throws Exception {
    RecordedCall call = TestGateway.humanCalls().getFirst();
    Path data = folder.resolve("data");
    Heard heard = new Heard();
    try (ServeProcess serve = ServeProcess.startOnFreePorts(data, UNHURRIED)) {
      assertThat(serve.isReady()).as(serve.output()).isTrue();
      WebSocket socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://" + serve.http() + "/ws/transcribe/stopped?codec=pcmu"), heard)
              .join();
      // Some words, and no silence after them: the utterance is open when the end comes.
      sendFrames(socket, Arrays.copyOf(pcmu(call.file()), 3 * 8000));
      await().until(() -> heard.hasText("partial"));
      serve.terminate();
      assertThat(serve.exitStatus()).as(serve.output()).isEqualTo(SIGTERM_STATUS);
      await().until(() -> heard.closeCode == 1001);
      assertThat(heard.hasText("final")).isTrue();
    }
    try (ServeProcess again = ServeProcess.startOnFreePorts(data)) {
      String segments = get("http://" + again.http() + "/sessions/stopped/segments");
      for (String text : heard.texts("final")) {
        assertThat(segments).contains(text);
      }
    }
  }

  @Test
  void aStopBySigtermSaysByeToTheCallerWhenItsWordsAreStored() throws Exception {
    RecordedCall recording =
        TestGateway.humanCalls().stream()
            .filter(call -> call.name().contains("card-"))
            .findFirst()
            .orElseThrow();
    Path data = folder.resolve("data");
    Heard heard = new Heard();
    try (ServeProcess serve = ServeProcess.startOnFreePorts(data, UNHURRIED);
        SipCaller caller = new SipCaller("sip:test@" + serve.sip(), G711Law.PCMU);
        OpenCall call = caller.open("stopped-call");
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      HttpClient.newHttpClient()
          .newWebSocketBuilder()
          .buildAsync(
              URI.create(
                  "ws://" + serve.http() + "/ws/subscribe/stopped-call?wait=true&from_seq=1"),
              heard)
          .join();
      CallAudio audio = overAndOver(recording.file(), Patience.LIMIT);
      Future<SentAudio> sent = background.submit(() -> call.play(audio, FrameClock.system()));
      await().until(() -> heard.hasText("partial"));

      serve.terminate();

      assertThat(serve.exitStatus()).as(serve.output()).isEqualTo(SIGTERM_STATUS);
      assertThat(sent.get().isEndedByPeer()).as("BYE came; %s", serve.output()).isTrue();
    }
    await().until(() -> heard.hasText("final"));
    try (ServeProcess again = ServeProcess.startOnFreePorts(data)) {
      assertThat(get("http://" + again.http() + "/sessions/stopped-call")).contains("draining");
      String segments = get("http://" + again.http() + "/sessions/stopped-call/segments");
      for (String text : heard.texts("final")) {
        assertThat(segments).contains("\"" + text + "\"");
      }
    }
  }

  @Test
  void aWrongSettingIsRefusedInOneLineByItsStatus() throws Exception {
    try (ServeProcess serve =
        ServeProcess.startOnFreePorts(
            folder.resolve("data"), "--set", "linescribe.asr.max-batch=0")) {
      assertThat(serve.exitStatus()).as(serve.output()).isEqualTo(Linescribe.USAGE);
      assertThat(serve.output())
          .contains("linescribe: cannot start: linescribe.asr.max-batch: 0 (expected: 1 to 256")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      try (ServeProcess serve =
          ServeProcess.start(folder.resolve("sip"), "--http", "127.0.0.1:0", "--sip", address)) {
        assertThat(serve.exitStatus()).isEqualTo(Linescribe.USAGE);
        assertThat(serve.output()).contains("linescribe.sip.bind: " + address).contains("in use");
      }
      try (ServeProcess serve =
          ServeProcess.start(folder.resolve("http"), "--http", address, "--sip", "127.0.0.1:0")) {
        assertThat(serve.exitStatus()).isEqualTo(Linescribe.USAGE);
        assertThat(serve.output())
            .contains("linescribe.http: ")
            .contains(String.valueOf(taken.getLocalPort()))
            .contains("in use");
      }
    }
  }

  @Test
  void anAddressOfAnotherMachineIsNamed() throws Exception {
    // Of the documentation's network (RFC 5737): no machine has it.
    try (ServeProcess serve =
        ServeProcess.start(
            folder.resolve("data"),
            "--http",
            "192.0.2.1:0",
            "--sip",
            "127.0.0.1:0",
            "--set",
            "linescribe.access.mode=off")) {
      assertThat(serve.exitStatus()).isEqualTo(Linescribe.USAGE);
      assertThat(serve.output())
          .contains("linescribe: cannot start: linescribe.http: 192.0.2.1:0 (expected:")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aSettingsFileThatIsNoYamlIsRefusedByItsLine() throws Exception {
    Path config = folder.resolve("site.yaml");
    Files.writeString(config, "linescribe:\n  sip:\n bind: [x\n");
    try (ServeProcess serve =
        ServeProcess.startOnFreePorts(folder.resolve("data"), "--config", config.toString())) {
      assertThat(serve.exitStatus()).isEqualTo(Linescribe.USAGE);
      assertThat(serve.output())
          .contains("linescribe: cannot start: a settings file is not valid YAML: ")
          .contains("line 3")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aBrokenModelDirectoryIsRefusedByTheFileAndTheFault() throws Exception {
    Path model = Files.createDirectories(folder.resolve("model"));
    Files.writeString(model.resolve("tokens.txt"), "<blk> 0\n");
    Files.writeString(model.resolve("encoder.onnx"), "this is no model");
    try (ServeProcess serve =
        ServeProcess.start(
            folder.resolve("data"),
            "--http",
            "127.0.0.1:0",
            "--sip",
            "127.0.0.1:0",
            "--model-dir",
            model.toString())) {
      assertThat(serve.exitStatus()).as(serve.output()).isEqualTo(Linescribe.USAGE);
      assertThat(serve.output()).contains("linescribe.model.dir: '" + model + "'");
      assertThat(serve.output()).doesNotContain("\tat ");
    }
  }

  @Test
  void aSecondProcessOnTheSameDataFolderIsRefusedAndTheFirstGoesOn() throws Exception {
    Path data = folder.resolve("data");
    try (ServeProcess first = ServeProcess.startOnFreePorts(data);
        ServeProcess second = ServeProcess.startOnFreePorts(data)) {
      assertThat(second.isReady()).isFalse();
      assertThat(second.exitStatus()).isEqualTo(Linescribe.USAGE);
      assertThat(second.output()).contains("linescribe.data: ").contains(data.toString());
      assertThat(get("http://" + first.http() + "/health/live")).isNotEmpty();
    }
  }

  private static short[] pcm(Path wav) throws Exception {
    try (WavReader reader = WavReader.open(wav)) {
      return reader.readAll(8000 * 60);
    }
  }

  private static byte[] pcmu(Path wav) throws Exception {
    short[] pcm = pcm(wav);
    byte[] coded = new byte[pcm.length];
    G711Law.PCMU.encode(pcm, 0, pcm.length, coded, 0);
    return coded;
  }

  /** A call that does not end before the gateway ends it. */
  private static CallAudio overAndOver(Path wav, Duration length) throws Exception {
    short[] once = pcm(wav);
    short[] pcm = new short[(int) length.toSeconds() * 8000];
    for (int i = 0; i < pcm.length; i++) {
      pcm[i] = once[i % once.length];
    }
    return CallAudio.of(pcm, G711Law.PCMU);
  }

  private static void sendFrames(WebSocket socket, byte[] g711) {
    for (int at = 0; at < g711.length; at += 160) {
      socket.sendBinary(ByteBuffer.wrap(g711, at, Math.min(160, g711.length - at)), true).join();
    }
  }

  private static String get(String url) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(url)).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  /** What the gateway said on the socket. */
  private static final class Heard implements WebSocket.Listener {
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final StringBuilder part = new StringBuilder();
    private volatile int closeCode;

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        messages.add(part.toString());
        part.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
      closeCode = statusCode;
      return null;
    }

    boolean hasText(String type) {
      return !texts(type).isEmpty();
    }

    List<String> texts(String type) {
      return messages.stream()
          .filter(m -> m.contains("\"type\":\"" + type + "\""))
          .map(m -> m.replaceFirst(".*\"text\":\"([^\"]*)\".*", "$1"))
          .filter(text -> !text.isEmpty())
          .toList();
    }
  }
}
