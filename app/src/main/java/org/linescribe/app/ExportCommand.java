package org.linescribe.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code linescribe export SESSION}: all that is kept of a session, as files. */
@Command(
    name = "export",
    description = {
      "Writes all that is kept of a session into a folder: session.json, segments.json,",
      "transcript.txt, call.json, and the recordings on the node that is asked."
    },
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    footer = {"", "Exit status: 0 written, 1 there is no such session, 2 no gateway answers."})
final class ExportCommand implements Callable<Integer> {
  private static final int NOT_EXPORTED = 1;
  private static final int PAGE = 1000;

  @Mixin GatewayClient gateway = new GatewayClient();

  @Parameters(paramLabel = "SESSION", description = "id of the session")
  String session = "";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "a folder that is made (default: the session's id)")
  @Nullable Path out;

  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    try {
      Path folder = out != null ? out : Path.of(GatewayClient.segment(session));
      String path = "/sessions/" + GatewayClient.segment(session);
      JsonNode record = gateway.get(path);
      List<JsonNode> segments = segments(path);
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("session.json"), record.toPrettyString() + "\n");
      Files.writeString(
          folder.resolve("segments.json"),
          segments.stream()
              .map(JsonNode::toString)
              .collect(Collectors.joining(",\n", "[\n", "\n]\n")));
      Files.writeString(folder.resolve("transcript.txt"), transcript(segments, record));
      int recordings = recordings(folder);
      callRecord(folder);
      command
          .commandLine()
          .getOut()
          .printf("%s: %d segments, %d recordings%n", folder, segments.size(), recordings);
      return 0;
    } catch (GatewayClient.RefusedException refused) {
      return fail(refused.getMessage(), refused.status() == 0 ? Linescribe.USAGE : NOT_EXPORTED);
    } catch (IOException | IllegalArgumentException wrong) {
      return fail(wrong.getMessage(), Linescribe.USAGE);
    }
  }

  /** A line of the transcript, and where it belongs. */
  private record Line(long atMs, String text) {}

  /** What was said, with the marks between, in the order of their begin. */
  static String transcript(List<JsonNode> segments, JsonNode record) {
    List<Line> lines = new ArrayList<>();
    for (JsonNode segment : segments) {
      lines.add(
          new Line(
              segment.path("start_ms").asLong(),
              segment.path("leg").asString() + ": " + segment.path("text").asString()));
    }
    for (JsonNode mark : record.path("marks")) {
      String text = mark.path("text").asString("");
      lines.add(new Line(mark.path("at_ms").asLong(), "* " + (text.isEmpty() ? "Marked" : text)));
    }
    return lines.stream()
        .sorted(Comparator.comparingLong(Line::atMs))
        .map(line -> line.text() + "\n")
        .collect(Collectors.joining());
  }

  private int fail(@Nullable String why, int status) {
    command.commandLine().getErr().println("linescribe export: " + why);
    return status;
  }

  private List<JsonNode> segments(String path)
      throws GatewayClient.RefusedException, InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    long from = 1;
    JsonNode page;
    do {
      page = gateway.get(path + "/segments?limit=" + PAGE + "&from_seq=" + from).path("segments");
      page.forEach(all::add);
      from = all.isEmpty() ? 1 : all.getLast().path("seq").asLong() + 1;
    } while (page.size() == PAGE);
    return all;
  }

  private int recordings(Path folder) throws GatewayClient.RefusedException, InterruptedException {
    int count = 0;
    for (JsonNode recording :
        gateway
            .get("/recordings?limit=1000&session_id=" + GatewayClient.segment(session))
            .path("recordings")) {
      String id = recording.path("recording_id").asString();
      gateway.download(
          "/recordings/" + GatewayClient.segment(id),
          folder.resolve("recording-" + ++count + ".wav"));
    }
    return count;
  }

  /** Of a call; other sessions have none. */
  private void callRecord(Path folder)
      throws GatewayClient.RefusedException, InterruptedException, IOException {
    try {
      JsonNode call = gateway.get("/calls/" + GatewayClient.segment(session));
      Files.writeString(folder.resolve("call.json"), call.toPrettyString() + "\n");
    } catch (GatewayClient.RefusedException refused) {
      if (refused.status() != 404) {
        throw refused;
      }
    }
  }
}
