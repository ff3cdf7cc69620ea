package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a first-time user runs. */
final class DemoProcessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Pattern CURL = Pattern.compile("curl (http://\\S+/segments)");

  private static final Pattern WRONG_WORDS = Pattern.compile("32 said, (\\d+) wrong");

  @TempDir Path data;

  @Test
  void itShowsSentencesOfHumanSpeechWithCaseAndPunctuation() throws Exception {
    try (ServeProcess demo =
        ServeProcess.startDemo(
            data, "--exit", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--rtp-ports", "0")) {
      assertThat(demo.exitStatus()).as(demo.output()).isZero();
      assertThat(demo.output())
          .contains("with the recording ast-dir-intro-fn.wav")
          .containsPattern("   1  \\d\\d:\\d\\d\\.\\d   Welcome to the directory\\.");
      Matcher words = WRONG_WORDS.matcher(demo.output());
      assertThat(words.find()).as(demo.output()).isTrue();
      assertThat(Integer.parseInt(words.group(1))).as(demo.output()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void withExitItEndsAfterTheCallByWhetherTheTranscriptCame() throws Exception {
    try (ServeProcess demo =
        ServeProcess.startDemo(
            data,
            "--exit",
            "--recording",
            "pin-slt.wav",
            "--http",
            "127.0.0.1:0",
            "--sip",
            "0.0.0.0:0",
            "--rtp-ports",
            "0")) {
      assertThat(demo.exitStatus()).as(demo.output()).isZero();
      assertThat(demo.sip()).as("where it listens").startsWith("0.0.0.0:");
      assertThat(demo.output())
          .contains("Calling sip:demo@127.0.0.1:")
          .containsPattern("   1  \\d\\d:\\d\\d\\.\\d   [A-Z]+")
          .contains("0 lost, 0 repeated")
          .contains("embedded database in " + data.resolve("db"));
    }
  }

  @Test
  void itStaysUpAndSaysHowToReadTheTranscriptAndToCallAgain() throws Exception {
    try (ServeProcess demo =
        ServeProcess.startDemo(
            data,
            "--recording",
            "pin-slt.wav",
            "--http",
            "127.0.0.1:0",
            "--sip",
            "127.0.0.1:0",
            "--rtp-ports",
            "0")) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(demo.output()).contains("Ctrl-C ends it."));
      Matcher curl = CURL.matcher(demo.output());
      assertThat(curl.find()).as(demo.output()).isTrue();
      assertThat(demo.output()).contains("sip:test@" + demo.sip());
      HttpResponse<String> segments =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(curl.group(1))).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(segments.statusCode()).isEqualTo(200);
      assertThat(segments.body()).contains("\"seq\":1");
    }
  }

  @Test
  void itTakesAFreePortWhereTheUsualOneIsTaken() throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    try (ServerSocket tcp = new ServerSocket(0, 1, loopback);
        DatagramSocket udp = new DatagramSocket(0, loopback)) {
      assertThat(DemoCommand.usualOrFree(tcp.getLocalPort(), false)).isEqualTo("127.0.0.1:0");
      assertThat(DemoCommand.usualOrFree(udp.getLocalPort(), true)).isEqualTo("127.0.0.1:0");
    }
  }
}
