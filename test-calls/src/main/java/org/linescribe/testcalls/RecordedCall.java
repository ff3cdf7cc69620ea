package org.linescribe.testcalls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A recording and its reference transcript, if known.
 *
 * @param words null without a manifest or transcript
 */
public record RecordedCall(Path file, @Nullable String words) {
  private static final String MANIFEST = "manifest.json";
  private static final JsonMapper JSON = JsonMapper.shared();

  /** The file's name, for display. */
  public String name() {
    return file.getFileName().toString();
  }

  /**
   * The recordings of a command line.
   *
   * @param paths recordings, or folders with a {@code manifest.json}, which stand for every
   *     recording in it
   * @param transcript the reference transcript of the only recording, or a manifest ({@code
   *     .json}); null: the {@code manifest.json} beside each recording, if any
   * @throws IOException a file is missing or malformed; the message names it
   */
  public static List<RecordedCall> find(List<Path> paths, @Nullable Path transcript)
      throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        for (String name : manifest(path.resolve(MANIFEST)).keySet()) {
          files.add(path.resolve(name));
        }
      } else {
        files.add(path);
      }
    }
    String onlyWords = null;
    if (transcript != null && !transcript.toString().endsWith(".json")) {
      if (files.size() != 1) {
        throw new IOException(
            transcript
                + ": a text belongs to one recording, and there are "
                + files.size()
                + "; give a manifest (.json)");
      }
      onlyWords = readText(transcript);
    }
    List<RecordedCall> calls = new ArrayList<>();
    for (Path file : files) {
      if (!Files.isReadable(file)) {
        throw new IOException(file + (Files.exists(file) ? ": may not be read" : ": no such file"));
      }
      calls.add(new RecordedCall(file, onlyWords != null ? onlyWords : words(file, transcript)));
    }
    return List.copyOf(calls);
  }

  private static @Nullable String words(Path file, @Nullable Path given) throws IOException {
    Path manifest = given != null ? given : file.toAbsolutePath().resolveSibling(MANIFEST);
    if (given == null && !Files.exists(manifest)) {
      return null;
    }
    return manifest(manifest).get(file.getFileName().toString());
  }

  private static Map<String, String> manifest(Path manifest) throws IOException {
    Map<String, String> words = new LinkedHashMap<>();
    try {
      for (JsonNode entry : JSON.readTree(readText(manifest))) {
        String name = entry.path("file").asString("");
        if (name.isEmpty() || name.contains("/") || !entry.path("words").isString()) {
          throw new IOException(
              manifest
                  + ": expected a list of {\"file\": name, \"words\": text}; entry "
                  + (words.size() + 1)
                  + " is not");
        }
        words.put(name, entry.path("words").asString());
      }
    } catch (JacksonException e) {
      throw new IOException(manifest + ": no JSON: " + e.getOriginalMessage(), e);
    }
    return words;
  }

  private static String readText(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IOException(
          file + ": cannot be read" + (Files.exists(file) ? " as UTF-8 text" : ": no such file"),
          e);
    }
  }
}
