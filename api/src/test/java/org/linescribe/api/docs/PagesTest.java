package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.Tool;

/** The pages as browsers get them: everything from here, nothing from elsewhere. */
class PagesTest {
  private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"([^\"]*)\"");

  @TempDir private static Path folder;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    server =
        ApiServer.start(
            new FakeSessions(),
            Map.of("linescribe.audio-sessions.storage-path", folder.resolve("audio").toString()));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/docs", "/redoc", "/docs/events"})
  void loadAllTheyNeedFromThisGateway(String path) throws Exception {
    HttpResponse<String> page = get(server.http(path));
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .doesNotContain("http");
    assertThat(page.body()).doesNotContain("//");

    List<String> references = new ArrayList<>();
    Matcher matcher = REFERENCE.matcher(page.body());
    while (matcher.find()) {
      references.add(matcher.group(1));
    }
    assertThat(references).hasSizeGreaterThan(5);
    for (String reference : references) {
      URI resolved = URI.create(server.http(path)).resolve(reference);
      assertThat(get(resolved.toString()).statusCode()).as(reference).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "swagger-ui-bundle.js, text/javascript",
    "redoc.standalone.js,  text/javascript",
    "swagger-ui.css,       text/css",
    "favicon-32x32.png,    image/png"
  })
  void haveTheirFilesByTheirTypes(String name, String type) throws Exception {
    HttpResponse<String> asset = get(server.http("/docs/assets/" + name));
    assertThat(asset.statusCode()).isEqualTo(200);
    assertThat(asset.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);
    assertThat(asset.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
  }

  @Test
  void haveNoImageFromRedocsMakers() throws Exception {
    assertThat(get(server.http("/docs/assets/redoc.standalone.js")).body())
        .doesNotContain("cdn.redoc.ly");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/docs/assets/openapi.yaml",
        "/docs/assets/..%2fopenapi.yaml",
        "/docs/assets/%2e%2e%2fDocuments.class",
        "/docs/assets/",
        "/webjars/swagger-ui/index.html"
      })
  void giveNothingElseOut(String path) throws Exception {
    assertThat(get(server.http(path)).statusCode()).isIn(400, 404);
  }

  @NeedsTool(Tool.CHROMIUM)
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/docs        | Sessions, newest first   | opblock-summary",
        "/redoc       | Sessions, newest first   | menu-content",
        "/docs/events | /ws/transcribe/{session_id} | The gateway sends"
      })
  void showTheDocumentInABrowserWithoutAnError(String path, String text, String mark)
      throws Exception {
    ProgramRun shown = chromium("--dump-dom", server.http(path));

    assertThat(shown.status()).as(shown.output()).isZero();
    assertThat(shown.output())
        .contains(text)
        .contains(mark)
        .doesNotContain("currently not supported");
    assertThat(shown.lines())
        .filteredOn(line -> line.contains(":CONSOLE"))
        .as("what the page wrote to its console")
        .noneMatch(
            line ->
                line.contains("Refused")
                    || line.contains("Failed")
                    || line.contains("Uncaught")
                    || line.contains("rror"));
  }

  @NeedsTool(Tool.CHROMIUM)
  @ParameterizedTest
  @ValueSource(strings = {"docs", "redoc", "docs/events"})
  void drawMoreThanAnEmptyPage(String path) throws Exception {
    Path picture =
        Files.createDirectories(
                Path.of(System.getProperty("linescribe.root"), "api/target/docs-screenshots"))
            .resolve(path.replace('/', '-') + ".png");
    Files.deleteIfExists(picture);
    chromium("--window-size=1400,1000", "--screenshot=" + picture, server.http("/" + path));

    BufferedImage drawn = ImageIO.read(picture.toFile());
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < drawn.getHeight(); y++) {
      for (int x = 0; x < drawn.getWidth(); x++) {
        colours.add(drawn.getRGB(x, y));
      }
    }
    assertThat(colours).as("colours of %s", picture).hasSizeGreaterThan(50);
  }

  private static ProgramRun chromium(String... what) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Tool.CHROMIUM.path(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-dev-shm-usage",
                "--enable-logging=stderr",
                "--user-data-dir=" + Files.createTempDirectory(folder, "profile"),
                "--virtual-time-budget=20000"));
    command.addAll(List.of(what));
    return ProgramRun.of(
        folder, command, Map.of("HOME", folder.toString(), "TMPDIR", folder.toString()));
  }
}
