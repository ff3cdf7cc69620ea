package org.linescribe.api.stt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.api.HttpAnswers;
import org.linescribe.testsupport.Patience;
import tools.jackson.databind.JsonNode;

/** curl, which posts chunks as the document says. */
public final class ChunkClient {
  private final String uri;
  private final Path folder;
  private int chunks;
  private boolean cookies;

  /** An answer: its status and its body. */
  public record Answer(int status, JsonNode body) {
    public String text(String member) {
      return body.path(member).asString("");
    }
  }

  public ChunkClient(String uri, Path folder) {
    this.uri = uri;
    this.folder = folder;
  }

  /** Keeps cookies from now on, as a browser or a requests.Session does. */
  public ChunkClient withCookies() {
    cookies = true;
    return this;
  }

  /**
   * @param fields name=value
   */
  public Answer post(byte[] audio, String filename, String... fields)
      throws IOException, InterruptedException {
    Path file = Files.write(folder.resolve("chunk-" + chunks++), audio);
    List<String> command =
        new ArrayList<>(
            List.of("curl", "--silent", "--max-time", "300", "--write-out", "\n%{http_code}"));
    if (cookies) {
      String jar = folder.resolve("cookies").toString();
      command.addAll(List.of("--cookie", jar, "--cookie-jar", jar));
    }
    command.add("--form");
    command.add("audio_chunk=@" + file + ";filename=" + filename);
    for (String field : fields) {
      command.add("--form");
      command.add(field);
    }
    command.add(uri);
    Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
    curl.getOutputStream().close();
    String said = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!curl.waitFor(Patience.LIMIT) || curl.exitValue() != 0) {
      throw new AssertionError("curl failed: " + said);
    }
    int line = said.lastIndexOf('\n');
    return new Answer(
        Integer.parseInt(said.substring(line + 1).strip()),
        HttpAnswers.json(said.substring(0, line)));
  }
}
