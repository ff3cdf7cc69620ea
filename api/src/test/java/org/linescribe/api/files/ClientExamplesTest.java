package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.HttpAnswers;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/** The example clients that send files, in Python, JavaScript, a browser and a shell. */
class ClientExamplesTest {
  private static final HumanRecording CARD = HumanRecording.named("card-george-2.wav");

  /** Puts a file into a page's input, as a hand would. */
  private static final String CHOICE =
      """
      <script>
      const choose = blob => {
        const input = document.querySelector('input[type="file"]');
        if (!input) {
          setTimeout(choose, 10, blob);
          return;
        }
        const chosen = new DataTransfer();
        chosen.items.add(new File([blob], 'call_recording.wav'));
        input.files = chosen.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      };
      fetch('/call_recording.wav').then(found => found.blob()).then(choose);
      </script>
      """;

  @TempDir static Path folder;
  private static FilesGateway gateway;

  @BeforeAll
  static void start() throws IOException {
    gateway = new FilesGateway(folder, Map.of());
    Files.copy(CARD.file(), folder.resolve("call_recording.wav"));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static String base() {
    return gateway.server().http("");
  }

  private static String example(String name) throws IOException {
    return Files.readString(ProjectFiles.example(name));
  }

  private static String run(String... command) throws Exception {
    return ProgramRun.of(folder, List.of(command)).succeeded().output();
  }

  private static String python(String example) throws Exception {
    return run(
        PythonClients.python(),
        ProjectFiles.example(example).toString(),
        base(),
        "call_recording.wav");
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void pythonClientOfTheStreamGetsItsResult() throws Exception {
    String output = python("file-stream.py");
    assertThat(output)
        .contains(
            "status submitted",
            "status PROCESSING",
            "progress 1 transcription",
            "status completed",
            "text FOUR ONE SIX");
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void pythonClientOfTheRealtimeStreamGetsPartsAndItsResult() throws Exception {
    List<String> lines = python("file-realtime.py").lines().toList();

    String text = lines.getLast();
    assertThat(text).startsWith("text ");
    assertThat(CARD.errors(text.substring("text ".length()))).isLessThanOrEqualTo(1);
    assertThat(lines.stream().filter(line -> line.startsWith("so far ")))
        .isNotEmpty()
        .last()
        .isEqualTo(text.replaceFirst("text", "so far"));
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void pythonClientThatPollsGetsItsResult() throws Exception {
    assertThat(python("file-poll.py")).startsWith("FOUR ONE SIX");
  }

  @Test
  void javaScriptClientGetsItsResult() throws Exception {
    String begin =
        """
        const { File } = require('node:buffer');
        const { readFileSync } = require('node:fs');
        """;
    String call =
        """
        const [base, name] = process.argv.slice(2);
        transcribeFile(base, new File([readFileSync(name)], name), ({ status, progress, step }) =>
          console.log(status, progress ?? '', step ?? '')
        ).then(result => console.log('text ' + result.transcription));
        """;
    Path script =
        Files.writeString(
            folder.resolve("file-stream.cjs"), begin + example("file-stream.js") + call);
    assertThat(run("node", script.toString(), base(), "call_recording.wav"))
        .contains("submitted", "PROCESSING 1 transcription", "completed", "text FOUR ONE SIX");
  }

  /** The same in a real browser: a page with a file input, into which a file is put. */
  @NeedsTool(Tool.CHROMIUM)
  @Test
  void javaScriptClientGetsItsResultInABrowser() throws Exception {
    String page =
        "<!doctype html><meta charset='utf-8'><input type='file'>"
            + Chromium.SHOW
            + "<script>"
            + example("file-stream.js")
            + """
            document.querySelector('input').addEventListener('change', event =>
              transcribeFile('%s', event.target.files[0], ({ status, progress }) =>
                show(status + ' ' + (progress ?? ''))
              ).then(result => show('text ' + result.transcription)));
            </script>
            """
                .formatted(base())
            + CHOICE;
    try (Chromium browser = browser(page, Map.of())) {
      List<String> lines = new ArrayList<>();
      do {
        lines.add(browser.next());
      } while (!lines.getLast().startsWith("text "));
      assertThat(lines).contains("PROCESSING 1", "completed");
      assertThat(lines.getLast()).startsWith("text FOUR ONE SIX");
    }
  }

  private static Chromium browser(String page, Map<String, byte[]> more) throws IOException {
    Map<String, byte[]> content = new TreeMap<>(more);
    content.put("/", page.getBytes(StandardCharsets.UTF_8));
    content.put("/call_recording.wav", CARD.wav());
    return new Chromium(
        Tool.CHROMIUM.path(), folder.resolve("browser-" + System.nanoTime()), content);
  }

  /** The component in a real React, which shows progress before there is more. */
  @NeedsTool(Tool.CHROMIUM)
  @Test
  void reactComponentRendersProgressAndItsResult() throws Exception {
    Path source =
        Files.writeString(folder.resolve("FileProgress.jsx"), example("FileProgress.jsx"));
    Files.writeString(
        folder.resolve("transcribe-file.mjs"),
        example("file-stream.js").replace("async function", "export async function"));
    ProgramRun.of(
            folder,
            List.of(
                "node",
                NodeClients.modules().resolve("esbuild/bin/esbuild").toString(),
                source.toString(),
                "--bundle",
                "--outfile=" + folder.resolve("bundle.js")),
            Map.of("NODE_PATH", NodeClients.modules().toString()))
        .succeeded();
    String page =
        "<!doctype html><meta charset='utf-8'><div id='root'></div>"
            + Chromium.SHOW
            + """
            <script>
            new MutationObserver(() => {
              const progress = document.querySelector('progress');
              if (progress) show('PROGRESS ' + progress.value + ' of ' + progress.max);
              const result = document.querySelector('pre');
              if (result) show('RESULT ' + !!progress + ' ' + result.textContent);
            }).observe(document, { subtree: true, childList: true, attributes: true });
            </script>
            <script>window.gateway = '%s';</script>
            <script src="/bundle.js"></script>
            """
                .formatted(base())
            + CHOICE;
    CountDownLatch held = gateway.holdTheNext();
    try (Chromium browser =
        browser(page, Map.of("/bundle.js", Files.readAllBytes(folder.resolve("bundle.js"))))) {
      assertThat(browser.next()).isEqualTo("PROGRESS 0 of 100");
      String line = browser.next();
      while (line.equals("PROGRESS 0 of 100")) {
        line = browser.next();
      }
      assertThat(line).isEqualTo("PROGRESS 1 of 100");
      held.countDown();
      while (!line.startsWith("RESULT")) {
        line = browser.next();
      }
      assertThat(line).as("no progress beside the result").startsWith("RESULT false {");
      JsonNode result = HttpAnswers.json(line.substring("RESULT false ".length()));
      assertThat(CARD.errors(result.get("transcription").asString())).isLessThanOrEqualTo(1);
    } finally {
      held.countDown();
    }
  }

  @NeedsTool(Tool.CURL)
  @Test
  void curlShowsTheStream() throws Exception {
    assertThat(run(ProjectFiles.example("file-stream.sh").toString(), base(), "call_recording.wav"))
        .contains("data: {\"task_id\":", "\"status\":\"submitted\"", "\"status\":\"completed\"")
        .doesNotContain("transcription_partial");
  }

  @NeedsTool(Tool.CURL)
  @Test
  void curlShowsTheRealtimeStream() throws Exception {
    assertThat(
            run(ProjectFiles.example("file-realtime.sh").toString(), base(), "call_recording.wav"))
        .contains(
            "\"step\":\"transcription_partial\"",
            "\"status\":\"completed\",\"step\":\"completed\"");
  }

  /** curl waits for 100 Continue before it sends a large body: the refusal must come first. */
  @NeedsTool(Tool.CURL)
  @Test
  void curlIsToldThatAFileIsTooLargeBeforeItSendsIt() throws Exception {
    Path large = folder.resolve("large.wav");
    try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(101L << 20);
    }
    String output =
        run(
            "curl",
            "-s",
            "--expect100-timeout",
            "60",
            "-w",
            " HTTP %{http_code}",
            "-F",
            "audio=@large.wav",
            gateway.server().http("/audio/process-stream"));
    Files.delete(large);
    assertThat(output).contains("The file is larger than 100 MB", "HTTP 413");
  }
}
