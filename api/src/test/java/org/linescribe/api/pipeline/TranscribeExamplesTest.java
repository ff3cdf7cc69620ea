package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.api.ClientTools;
import org.linescribe.media.g711.G711Law;

/** The examples of transcribe-g711.md, taken from the document, with host and port put in. */
class TranscribeExamplesTest {
  private static final String SESSION = "user-123-session-456";
  private static final int FRAME_BYTES = 320;

  @TempDir private static Path data;
  private static RealGateway gateway;

  @BeforeAll
  static void startGateway() {
    // A client that this machine holds up for a while is not to be taken for one that has stalled.
    gateway = new RealGateway(data, Map.of("linescribe.api.transcribe.flush-after", "1h"));
  }

  @AfterAll
  static void stopGateway() {
    gateway.close();
  }

  /** The code block after a heading, as it stands but for the address. */
  private static String example(String heading) throws IOException {
    String document =
        Files.readString(HumanCall.sharedFolder().resolve("seed-apis/transcribe-g711.md"));
    int start = document.indexOf("\n", document.indexOf("```", document.indexOf(heading))) + 1;
    String code = document.substring(start, document.indexOf("```", start));
    assertThat(code).contains("localhost:8000").contains(SESSION);
    return code.replace("localhost:8000", "127.0.0.1:" + gateway.server().port());
  }

  @ParameterizedTest
  @EnumSource(G711Law.class)
  void runsThePythonExampleToTheEndOfItsFile(G711Law law, @TempDir Path folder)
      throws IOException, InterruptedException {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    byte[] audio = call.g711(law);
    Files.write(folder.resolve("audio.g711"), audio);
    Files.writeString(folder.resolve("example.py"), example("**Python (websockets library)**"));
    int before = gateway.segments(SESSION).size();

    ClientTools.Ended ended = ClientTools.run(folder, List.of(ClientTools.python(), "example.py"));

    assertThat(ended.status()).as(ended.output()).isZero();
    int frames = (audio.length + FRAME_BYTES - 1) / FRAME_BYTES;
    assertThat(ended.lines())
        .hasSize(frames)
        .allSatisfy(
            line -> {
              assertThat(json(line).get("type").asString()).isIn("partial", "final");
              assertThat(json(line).get("text").isString()).isTrue();
              assertThat(json(line).get("seq").asLong()).isGreaterThan(before);
            });
    await().until(() -> gateway.hasEnded(SESSION) && gateway.segments(SESSION).size() > before);
    String heard =
        String.join(
            " ",
            gateway.segments(SESSION).stream()
                .skip(before)
                .map(segment -> segment.text())
                .toList());
    assertThat(call.errors(heard)).isLessThanOrEqualTo(1);
  }

  @Test
  void runsTheJavaScriptExampleWhileAudioIsStreamed(@TempDir Path folder)
      throws IOException, InterruptedException {
    HumanCall call = HumanCall.named("pin-jackson-1.wav");
    Files.write(folder.resolve("audio.g711"), call.g711WithSilence(G711Law.PCMU, 1500));
    Path script = folder.resolve("example.cjs");
    // What a browser gives the example, and what its comment leaves to the reader: sending.
    Files.writeString(
        script,
        """
        const { WebSocket } = require(process.argv[2] + "/node_modules/ws");
        const navigator = { mediaDevices: { getUserMedia: async () => ({}) } };
        """
            + example("**JavaScript (Browser)**")
            + """

            const audio = require("node:fs").readFileSync("audio.g711");
            ws.addEventListener("open", () => {
              let at = 0;
              const pace = setInterval(() => {
                ws.send(audio.subarray(at, at + 160));
                at += 160;
                if (at >= audio.length) {
                  clearInterval(pace);
                  setTimeout(() => ws.close(), 60_000);
                }
              }, 20);
            });
            let heard = 0;
            ws.addEventListener("message", event => {
              const { type, text } = JSON.parse(event.data);
              heard += type === "final" ? text.split(" ").length : 0;
              if (heard >= Number(process.argv[3])) ws.close();
            });
            ws.addEventListener("close", () => setImmediate(() => process.exit()));
            """);
    double answersBefore = answers();

    ClientTools.Ended ended =
        ClientTools.run(
            folder,
            List.of(
                "node",
                script.toString(),
                ClientTools.nodeFolder().toAbsolutePath().toString(),
                Integer.toString(call.words().size())));

    assertThat(ended.status()).as(ended.output()).isZero();
    List<String> lines = ended.lines();
    assertThat(lines).startsWith("Connected").endsWith("Disconnected");
    assertThat(lines).anyMatch(line -> line.matches("Partial \\[\\d+]: SIX.*"));
    String finals =
        String.join(
            " ",
            lines.stream()
                .filter(line -> line.matches("Final \\[\\d+]: .*"))
                .map(line -> line.replaceFirst("Final \\[\\d+]: ", ""))
                .toList());
    assertThat(call.errors(finals)).isLessThanOrEqualTo(1);
    // A source that streams gets partials on change only: far fewer than its 345 frames. Where this
    // machine held the client up it was one that waited, and had its answers.
    assertThat(lines.size() - (answers() - answersBefore)).isLessThan(60);
  }

  private static double answers() {
    return gateway
        .server()
        .bean(MeterRegistry.class)
        .get("linescribe.api.transcribe.answers")
        .counter()
        .count();
  }
}
