package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ClientTools;
import org.linescribe.api.HttpAnswers;
import tools.jackson.databind.JsonNode;

/**
 * The document's own examples as they stand, by real clients. Replaced are the host and, in the
 * recording's name, nothing: the recording lies where the example looks for it.
 */
class ClientExamplesTest {
  private static final Path ROOT = Path.of(System.getProperty("linescribe.root"));
  private static final Path DOCUMENT =
      ROOT.resolveSibling("shared").resolve("seed-apis/audio-processing-sse-and-redis.md");
  private static final Recordings.Recording CARD = Recordings.named("card-george-2.wav");

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
  private static String document;

  @BeforeAll
  static void start() throws IOException {
    gateway = new FilesGateway(folder, Map.of());
    document =
        Files.readString(DOCUMENT).replace("http://localhost:8125", gateway.server().http(""));
    Files.copy(CARD.file(), folder.resolve("call_recording.wav"));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  /** The first code block of a language that holds the words. */
  private static String example(String language, String words) {
    Matcher blocks = Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$").matcher(document);
    while (blocks.find()) {
      if (blocks.group(1).contains(words)) {
        return blocks.group(1);
      }
    }
    return fail("the document has no %s example with '%s'", language, words);
  }

  private static String tool(String... places) {
    for (String place : places) {
      if (new File(place).canExecute()) {
        return place;
      }
    }
    String path = String.valueOf(System.getenv("PATH"));
    for (String directory : path.split(File.pathSeparator)) {
      for (String place : places) {
        File file = new File(directory, place);
        if (!place.contains("/") && file.canExecute()) {
          return file.getPath();
        }
      }
    }
    if ("true".equals(System.getenv("CI"))) {
      fail("none of %s is installed", Arrays.toString(places));
    }
    assumeThat(false).as("none of %s is installed", Arrays.toString(places)).isTrue();
    return "";
  }

  private static String run(String... command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command)).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("PYTHONPATH", ROOT.resolve("api/src/test/python").toString());
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    Process process = builder.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String python(String program) throws Exception {
    Path script = Files.writeString(folder.resolve("example.py"), program);
    return run(tool("/usr/bin/python3"), script.toString());
  }

  private static String bash(String program) throws Exception {
    tool("curl");
    Path script = Files.writeString(folder.resolve("example.sh"), program);
    return run(tool("bash"), script.toString());
  }

  @Test
  void pythonClientOfTheStreamGetsItsResult() throws Exception {
    String output = python(example("python", "def process_audio_streaming"));
    assertThat(output)
        .contains(
            "Status: submitted",
            "Status: PROCESSING",
            "Progress: 1% - transcription",
            "Status: completed",
            "Processing complete!",
            "Transcript: FOUR ONE SIX");
  }

  @Test
  void pythonClientOfTheRealtimeStreamGetsPartsAndItsResult() throws Exception {
    String output =
        python(
            example("python", "def process_audio_realtime")
                + "\nprint('RESULT', result['transcription'])\n");
    assertThat(output).contains("Transcript:  FOUR ONE SIX", "Processing complete!");
    String heard = output.substring(output.indexOf("RESULT ") + 7).strip();
    assertThat(CARD.errors(heard)).isLessThanOrEqualTo(1);
    String cumulative =
        output
            .lines()
            .filter(line -> line.contains("Transcript:"))
            .reduce((first, second) -> second)
            .orElseThrow();
    assertThat(cumulative.substring(cumulative.indexOf(':') + 1).strip()).isEqualTo(heard);
  }

  /** The fragment's URLs have no host and its file no name: both are put before it. */
  @Test
  void pythonClientThatPollsGetsItsResult() throws Exception {
    String prelude =
        """
        import time, requests as http
        class requests:
            @staticmethod
            def post(path, **more): return http.post('%1$s' + path, **more)
            @staticmethod
            def get(path, **more): return http.get('%1$s' + path, **more)
        file = open('call_recording.wav', 'rb')
        """
            .formatted(gateway.server().http(""));
    String output =
        python(
            prelude
                + example("python", "task_id = response.json()['task_id']")
                + "\nprint(status['result']['transcription'])\n");
    assertThat(output).startsWith("FOUR ONE SIX");
  }

  @Test
  void javaScriptClientGetsItsResult() throws Exception {
    // The page's part: a file input, whose listener the example registers.
    String page =
        """
        const fs = require('node:fs');
        let chosen;
        const document = {
          querySelector: () => ({ addEventListener: (name, listener) => { chosen = listener; } })
        };
        """;
    String choice =
        """
        const file = new File([fs.readFileSync('call_recording.wav')], 'call_recording.wav');
        chosen({ target: { files: [file] } });
        """;
    Path script =
        Files.writeString(
            folder.resolve("example.cjs"),
            page + example("javascript", "async function processAudioStreaming") + choice);
    String output = run(tool("node"), script.toString());
    assertThat(output)
        .contains(
            "Status: submitted",
            "Progress: 1% - transcription",
            "Status: completed",
            "Processing complete!",
            "Transcript: FOUR ONE SIX");
  }

  /** The same example in a real browser: a page with a file input, into which a file is put. */
  @Test
  void javaScriptClientGetsItsResultInABrowser() throws Exception {
    String page =
        "<!doctype html><meta charset='utf-8'><input type='file'>"
            + Chromium.SHOW
            + "<script>console.log = (...words) => show(words.join(' '));</script><script>"
            + example("javascript", "async function processAudioStreaming")
            + "</script>"
            + CHOICE;
    try (Chromium browser = browser(page, Map.of())) {
      List<String> lines = new ArrayList<>();
      while (lines.stream().noneMatch(line -> line.startsWith("Transcript:"))) {
        lines.add(browser.next());
      }
      assertThat(lines).contains("Progress: 1% - transcription", "Processing complete!");
      assertThat(lines.toString()).contains("Transcript: FOUR ONE SIX");
    }
  }

  private static Chromium browser(String page, Map<String, byte[]> more) throws IOException {
    Map<String, byte[]> content = new TreeMap<>(more);
    content.put("/", page.getBytes(StandardCharsets.UTF_8));
    content.put("/call_recording.wav", Recordings.bytes(CARD.file()));
    return new Chromium(
        tool("chromium", "chromium-browser", "google-chrome"),
        folder.resolve("browser-" + System.nanoTime()),
        content);
  }

  /** The component of the document in a real React, which shows progress before there is more. */
  @Test
  void reactComponentRendersProgressAndItsResult() throws Exception {
    String mounted =
        """

        import { createRoot } from 'react-dom/client';
        createRoot(document.getElementById('root')).render(<AudioProcessor />);
        """;
    Path modules = ClientTools.nodeFolder().toAbsolutePath().resolve("node_modules");
    Path source =
        Files.writeString(
            folder.resolve("component.jsx"), example("jsx", "function AudioProcessor") + mounted);
    ProcessBuilder bundler =
        new ProcessBuilder(
                modules.resolve("@esbuild/linux-x64/bin/esbuild").toString(),
                source.toString(),
                "--bundle",
                "--outfile=" + folder.resolve("bundle.js"))
            .redirectErrorStream(true);
    bundler.environment().put("NODE_PATH", modules.toString());
    Process bundling = bundler.start();
    String said = new String(bundling.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bundling.waitFor()).as(said).isZero();
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
            <script src="/bundle.js"></script>
            """
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

  @Test
  void curlShowsTheStream() throws Exception {
    String output = bash(example("bash", "-N  # Disable buffering"));
    assertThat(output)
        .contains("data: {\"task_id\":", "\"status\":\"submitted\"", "\"status\":\"completed\"")
        .doesNotContain("transcription_partial");
  }

  @Test
  void curlShowsTheRealtimeStream() throws Exception {
    String output = bash(example("bash", "/audio/process-stream-realtime"));
    assertThat(output)
        .contains(
            "\"step\":\"transcription_partial\"",
            "\"status\":\"completed\",\"step\":\"completed\"");
  }

  /** curl waits for 100 Continue before it sends a large body: the refusal must come first. */
  @Test
  void curlIsToldThatAFileIsTooLargeBeforeItSendsIt() throws Exception {
    Path large = folder.resolve("large.wav");
    try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(101L << 20);
    }
    String output =
        bash(
            "curl -s --expect100-timeout 60 -w ' HTTP %{http_code}' -F audio=@large.wav "
                + gateway.server().http("/audio/process-stream"));
    Files.delete(large);
    assertThat(output).contains("The file is larger than 100 MB", "HTTP 413");
  }
}
