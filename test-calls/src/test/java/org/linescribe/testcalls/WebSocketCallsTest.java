package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.testsupport.ProjectFiles;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command, the WebSocket caller and the follower against a real server. */
class WebSocketCallsTest {
  @TempDir Path folder;
  private final TranscriptServer server = new TranscriptServer();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String environmentKey;

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void sendsTheRecordingInFramesOfTwentyMillisecondsAndReportsItsTranscript() throws IOException {
    server.script(
        TranscriptServer.partial(1, "FOUR"),
        TranscriptServer.partial(1, "FOUR SEVEN ONE NINE"),
        TranscriptServer.last(1, "FOUR SEVEN ONE NINE"),
        TranscriptServer.ended(2));

    int status = call("pin-slt.wav");

    assertThat(status).as(err.toString()).isZero();
    assertThat(server.frames).hasSize(157).allSatisfy(frame -> assertThat(frame).hasSize(160));
    assertThat(server.sources.getFirst()).matches("/ws/transcribe/[0-9a-f-]{36}\\?codec=pcmu");
    String id = server.sources.getFirst().replaceAll("/ws/transcribe/|\\?.*", "");
    assertThat(server.subscriptions)
        .containsExactly("/ws/subscribe/" + id + "?wait=true&from_seq=1");
    assertThat(out.toString())
        .contains("answered; session " + id)
        .containsPattern(" 1 {2}[0-9]{2}:[0-9]{2}\\.[0-9] {3}FOUR SEVEN ONE NINE");
    JsonNode report = report();
    assertThat(report.at("/calls/0/outcome").asString()).isEqualTo("transcribed");
    assertThat(report.at("/calls/0/text").asString()).isEqualTo("FOUR SEVEN ONE NINE");
    assertThat(report.at("/calls/0/words/rate").asDouble()).isZero();
    assertThat(report.at("/calls/0/frames_sent").asInt()).isEqualTo(157);
    assertThat(report.at("/summary/first_partial_ms/count").asInt()).isEqualTo(1);
    assertThat(report.at("/summary/final_ms/count").asInt()).isEqualTo(1);
  }

  @Test
  void sendsTheSamplesOfTheRecordingUnchanged() throws IOException {
    server.script(TranscriptServer.last(1, "ONE"), TranscriptServer.ended(2));

    call("pin-repeated-alaw.wav", "--law", "pcma", "--pace", "fast");

    byte[] wav = Files.readAllBytes(ProjectFiles.recorded("pin-repeated-alaw.wav"));
    byte[] sent = new byte[server.frames.size() * 160];
    for (int i = 0; i < server.frames.size(); i++) {
      System.arraycopy(server.frames.get(i), 0, sent, i * 160, 160);
    }
    assertThat(sent).isEqualTo(Arrays.copyOfRange(wav, wav.length - sent.length, wav.length));
    assertThat(server.sources.getFirst()).endsWith("?codec=pcma");
  }

  @Test
  void countsWordErrorsAgainstTheManifest() throws IOException {
    server.script(
        TranscriptServer.last(1, "FOUR SEVEN"),
        TranscriptServer.last(2, "NINE NINE"),
        TranscriptServer.ended(3));

    assertThat(call("pin-slt.wav", "--pace", "fast")).isZero();

    assertThat(out.toString()).contains("4 said, 1 wrong (25.0 %): 1 other, 0 missing, 0 too many");
    assertThat(report().at("/summary/words/substitutions").asInt()).isEqualTo(1);
  }

  @Test
  void failsWhenANumberIsLostOrRepeated() throws IOException {
    server.script(
        TranscriptServer.last(1, "FOUR"),
        TranscriptServer.last(3, "ONE"),
        TranscriptServer.last(3, "ONE"),
        TranscriptServer.ended(4));

    assertThat(call("pin-slt.wav", "--pace", "fast")).isEqualTo(1);

    assertThat(out.toString()).contains("1 numbers lost, 1 repeated, 0 out of order");
    assertThat(report().at("/calls/0/outcome").asString()).isEqualTo("numbers_wrong");
    assertThat(report().at("/calls/0/text").asString())
        .as("a repeated final counts once")
        .isEqualTo("FOUR ONE");
  }

  @Test
  void failsWhenNoTranscriptComes() {
    server.script(TranscriptServer.ended(1));

    assertThat(call("pin-slt.wav", "--pace", "fast")).isEqualTo(1);

    assertThat(out.toString()).contains("no final came");
  }

  @Test
  void resumesASubscriptionThatBreaksAtTheNextNumber() throws IOException {
    server.script(
        TranscriptServer.last(1, "FOUR SEVEN"),
        "drop",
        TranscriptServer.last(2, "ONE NINE"),
        TranscriptServer.ended(3));

    assertThat(call("pin-slt.wav")).as(out.toString()).isZero();

    assertThat(server.subscriptions).hasSize(2);
    assertThat(server.subscriptions.getLast()).endsWith("?wait=true&from_seq=2");
    assertThat(report().at("/calls/0/text").asString()).isEqualTo("FOUR SEVEN ONE NINE");
    assertThat(report().at("/calls/0/reconnects").asInt()).isEqualTo(1);
  }

  @Test
  void doesNotMeasureWhatAnEarlierCallLeftInTheSession() throws IOException {
    server.script(TranscriptServer.last(1, "TWO TWO"), TranscriptServer.ended(2));
    call("pin-slt.wav", "--pace", "fast", "--session-id", "again");
    server.script(TranscriptServer.last(2, "FOUR SEVEN ONE NINE"), TranscriptServer.ended(3));
    server.subscriptions.clear();

    assertThat(call("pin-slt.wav", "--session-id", "again")).isZero();

    assertThat(report().at("/calls/0/text").asString()).isEqualTo("FOUR SEVEN ONE NINE");
    assertThat(report().at("/calls/0/numbers/last").asInt()).isEqualTo(2);
  }

  @Test
  void tellsWhenThePeerClosesBeforeTheRecordingIsOver() {
    server.source((in, out) -> out.sendClose(4001, "superseded"));

    // Long enough that the close is read before its last frame, however late this machine is.
    assertThat(call("long-pauses-ulaw.wav", "--settle", "0.1")).isEqualTo(1);

    assertThat(out.toString())
        .contains("before the recording was over")
        .contains("4001 superseded");
  }

  @Test
  void tellsThatThePeerIsFullAndWhenToTryAgain() {
    server.refuseWith(503);

    assertThat(call("pin-slt.wav")).isEqualTo(1);

    assertThat(out.toString()).contains("answered 503").contains("try again after 7 s");
  }

  /** No transcript is waited for: the test would end only by its time-out. */
  @Test
  void takesATryAgainLaterForTheRefusalThatItIs() throws IOException {
    server.source((in, out) -> out.sendClose(1013, "the recogniser is behind; try again in 5 s"));

    assertThat(call("pin-slt.wav", "--settle", "600")).isEqualTo(1);

    assertThat(out.toString()).contains("refused the call: 1013 the recogniser is behind");
    assertThat(report().at("/calls/0/outcome").asString()).isEqualTo("refused");
  }

  @Test
  void tellsWhatToDoWhenNobodyAnswers() throws IOException {
    server.close();

    assertThat(call("pin-slt.wav")).isEqualTo(2);

    assertThat(out.toString())
        .containsPattern(
            "nothing answers at 127\\.0\\.0\\.1:[0-9]+ \\(WebSocket\\): is `\\./linescribe serve`"
                + " running\\?");
    assertThat(report().at("/calls/0/outcome").asString()).isEqualTo("unreachable");
  }

  @Test
  void placesManyCallsAndReportsThemTogether() throws IOException {
    server.script(
        TranscriptServer.PAUSE,
        TranscriptServer.PAUSE,
        TranscriptServer.PAUSE,
        TranscriptServer.last(1, "FOUR SEVEN ONE NINE"),
        TranscriptServer.ended(2));

    assertThat(call("pin-slt.wav", "--pace", "fast", "--repeat", "12", "--concurrency", "4"))
        .as(out.toString())
        .isZero();

    assertThat(server.sources).hasSize(12).doesNotHaveDuplicates();
    assertThat(out.toString()).contains("12: 12 transcribed").contains("48 said, 0 wrong");
    assertThat(report().at("/calls").size()).isEqualTo(12);
    assertThat(report().at("/summary/final_ms/count").asInt()).isEqualTo(12);
  }

  @Test
  void showsItsKeyToEveryApiAndToNobodyElse() {
    server.script(TranscriptServer.last(1, "ONE"), TranscriptServer.ended(2));

    assertThat(call("pin-slt.wav", "--pace", "fast", "--key", "lsk-of-the-option")).isZero();
    environmentKey = "lsk-of-the-environment";
    assertThat(call("pin-slt.wav", "--pace", "fast")).isZero();
    assertThat(call("pin-slt.wav", "--pace", "fast", "--header", "authorization: Bearer mine"))
        .isZero();

    assertThat(server.authorizations)
        .containsExactly(
            "Bearer lsk-of-the-option",
            "Bearer lsk-of-the-option",
            "Bearer lsk-of-the-environment",
            "Bearer lsk-of-the-environment",
            "Bearer mine",
            "Bearer mine");
    assertThat(out + "" + err).doesNotContain("lsk-").doesNotContain("mine");
  }

  @Test
  void saysHowToGiveAKeyAndNeverWhatWasGiven() {
    server.refuseWith(401);

    String to = server.url() + "/ws/transcribe/{id}?access_token=lsk-secret";
    String file = ProjectFiles.recorded("pin-slt.wav").toString();
    assertThat(run(file, "--to", to, "--key", "lsk-secret")).isEqualTo(1);
    assertThat(run(file, "--to", to, "--key", "lsk-secret with a blank")).isEqualTo(2);
    assertThat(
            run(file, "--to", to, "--key", "lsk-secret", "--header", "Authorization: lsk-secret"))
        .isEqualTo(2);
    environmentKey = "lsk-secret\n";
    assertThat(run(file, "--to", to)).isEqualTo(2);
    assertThat(run("--help")).isZero();

    assertThat(out.toString())
        .contains("answered 401")
        .contains("LINESCRIBE_KEY")
        .containsPattern("--key=KEY +API key");
    assertThat(err.toString())
        .contains("--key: expected 1 to 512")
        .contains("LINESCRIBE_KEY: expected 1 to 512")
        .contains("expected one of them");
    assertThat(out + "" + err).doesNotContain("lsk-");
  }

  @Test
  void refusesAWrongCommandLineBeforeItCallsAnybody() {
    assertThat(run("none.wav", "--to", server.url())).isEqualTo(2);
    assertThat(err.toString()).contains("none.wav: no such file");
    assertThat(call("pin-slt.wav", "--concurrency", "0")).isEqualTo(2);
    assertThat(call("pin-slt.wav", "--session-id", "a/b")).isEqualTo(2);
    assertThat(call("pin-slt.wav", "--law", "g729")).isEqualTo(2);
    assertThat(call("pin-slt.wav", "--subscribe", "ws://x/y")).isEqualTo(2);
    String file = ProjectFiles.recorded("pin-slt.wav").toString();
    assertThat(run(file, "--to", "http://127.0.0.1:1")).isEqualTo(2);
    assertThat(run(file, "--to", "sip:127.0.0.1:5060;transport=tls")).isEqualTo(2);
    assertThat(run(file, "--to", "sip:127.0.0.1", "--pace", "fast")).isEqualTo(2);
    assertThat(run(file)).isEqualTo(2);
    assertThat(server.sources).isEmpty();
  }

  private int call(String recording, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of(ProjectFiles.recorded(recording).toString(), "--to", server.url()));
    arguments.addAll(List.of("--json", folder.resolve("report.json").toString()));
    arguments.addAll(List.of(more));
    if (!arguments.contains("--settle")) {
      // The end is told; until then a loaded machine may take its time.
      arguments.addAll(List.of("--settle", "60"));
    }
    return run(arguments.toArray(new String[0]));
  }

  private int run(String... arguments) {
    return new CommandLine(new CallCommand(environmentKey))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private JsonNode report() throws IOException {
    return JsonMapper.shared().readTree(Files.readString(folder.resolve("report.json")));
  }
}
