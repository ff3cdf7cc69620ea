package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Sessions;
import org.linescribe.testsupport.ProjectFiles;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code linescribe load} on a gateway that takes one call at once. */
final class LoadCommandTest {
  @TempDir static Path data;
  @TempDir Path folder;
  private static TestGateway gateway;

  /** In which each line begins one call and not the second. */
  private static final String HOLD = "--hold=4140ms";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() {
    List<String> settings = new ArrayList<>(List.of(TestGateway.UNHURRIED));
    settings.add("--linescribe.call.max-calls=1");
    gateway = new TestGateway(data, settings.toArray(String[]::new));
  }

  /** A hung up call lasts until its text is stored. */
  @BeforeEach
  void awaitNoCall() {
    await().until(() -> gateway.part(Sessions.class).openSources() == 0);
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private List<String> arguments(String... more) {
    List<String> all = new ArrayList<>();
    all.add("load");
    // 3140 ms long.
    all.add(ProjectFiles.root().resolve("test-calls/recorded/pin-slt.wav").toString());
    all.addAll(List.of("--http", gateway.http(), "--ramp", "0s"));
    all.addAll(List.of("--json", folder.resolve("load.json").toString()));
    all.addAll(List.of(more));
    return all;
  }

  private int load(String... more) {
    return Linescribe.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments(more).toArray(String[]::new));
  }

  private JsonNode stage(int number) throws Exception {
    return JsonMapper.shared().readTree(folder.resolve("load.json")).at("/stages/" + number);
  }

  @Test
  void measuresCallsOverSipAndWebSocketAndWhatTheyCostTheGateway() throws Exception {
    Path svg = folder.resolve("load.svg");

    int status =
        load(
            "--to=ws://" + gateway.http(),
            "--to=" + gateway.sipUri(),
            "--codec=pcmu,pcma",
            "--calls=3",
            HOLD,
            "--slo=final-max=2m",
            "--slo=setup-max=2m",
            "--pid=" + ProcessHandle.current().pid(),
            "--svg=" + svg);

    assertThat(status).as(out + "\n" + err).isZero();
    JsonNode stage = stage(0);
    int placed = stage.path("placed").asInt();
    assertThat(placed).isEqualTo(3);
    assertThat(stage.at("/outcomes/transcribed").asInt()).isEqualTo(placed);
    assertThat(stage.at("/setup_ms/count").asInt()).isEqualTo(placed);
    assertThat(stage.at("/final_ms/count").asInt()).isGreaterThanOrEqualTo(placed);
    assertThat(stage.path("mean_calls").asDouble()).isPositive();
    assertThat(stage.at("/gateway/cpu_percent_of_core_per_call").asDouble()).isPositive();
    assertThat(stage.at("/gateway/resident_mib").asDouble()).isPositive();
    assertThat(Files.readString(svg)).contains("final p95", "% of a core", "<polyline points=\"");
  }

  @Test
  void countsRefusedCallsAndGoesOnWithFewer() throws Exception {
    load(
        "--to=" + gateway.sipUri(),
        "--calls=2",
        "--max-calls=2",
        HOLD,
        "--find-limit",
        "--slo=final-p95=2m");

    assertThat(out.toString())
        .contains("1 × ", "refused the call: 503", "missed: 1 of 2 calls failed", "limit: ");
    assertThat(stage(0).at("/outcomes/refused").asInt()).as(out.toString()).isEqualTo(1);
    assertThat(stage(0).at("/outcomes/transcribed").asInt()).as(out.toString()).isEqualTo(1);
    assertThat(stage(1).path("calls").asInt()).as("half of what was too many").isEqualTo(1);
  }

  @Test
  void sigtermHangsUpAndSaysWhatWasMeasuredSoFar() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(Linescribe.class.getName());
    command.addAll(arguments("--to=ws://" + gateway.http(), "--calls=1,2,2,2,2,2", HOLD));
    Process load = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = load.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
        if (line.startsWith("    1 ")) {
          load.toHandle().destroy();
        }
      }
      assertThat(load.waitFor()).as("%s", lines).isEqualTo(143);
    } finally {
      load.destroyForcibly();
    }

    assertThat(lines).contains("interrupted; the calls are hung up");
    int stages = JsonMapper.shared().readTree(folder.resolve("load.json")).path("stages").size();
    assertThat(stage(0).path("placed").asInt()).isPositive();
    assertThat(stage(stages - 1).path("interrupted").asBoolean()).isTrue();
    awaitNoCall();
  }

  @Test
  void wrongUsageIsRefusedBeforeAnyCall() {
    assertThat(load("--to=" + gateway.sipUri(), "--hold=3s")).isEqualTo(2);
    assertThat(load("--to=http://" + gateway.http(), HOLD)).isEqualTo(2);
    assertThat(load("--to=" + gateway.sipUri(), "--find-limit")).isEqualTo(2);
    assertThat(load("--to=" + gateway.sipUri(), HOLD, "--pid=0")).isEqualTo(2);
    assertThat(load("--to=" + gateway.sipUri(), "--calls=0")).isEqualTo(2);

    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("--hold: 3000 ms (expected: at least 4"),
            line -> assertThat(line).contains("expected sip:HOST:PORT or ws://HOST:PORT"),
            line -> assertThat(line).contains("--find-limit").contains("expected: --slo"),
            line -> assertThat(line).contains("--pid: 0 (expected: the gateway's process"),
            line -> assertThat(line).contains("--calls: 0 (expected: 1..10000)"));
  }
}
