package org.linescribe.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A recording of a person who says digits, with its words: {@code test-calls/human}, 8 kHz mono,
 * 16-bit PCM in WAV.
 *
 * @param words capitals, one blank between two
 */
public record HumanRecording(Path file, String words) {
  /**
   * What may be misheard of all recordings together, of 132 words, where nothing is lost: the
   * bundled model of digits alone mishears 3 or 4, by the processor, and words on the edge turn on
   * what else is in the batch. A lost final is 3 to 4 words more.
   */
  public static final int MOST_ERRORS = 6;

  private static final Pattern ENTRY =
      Pattern.compile("\"file\":\\s*\"([^\"]+)\".*?\"words\":\\s*\"([^\"]+)\"", Pattern.DOTALL);

  /** The folder with the manifest, as {@code ./linescribe call} takes it. */
  public static Path folder() {
    return ProjectFiles.root().resolve("test-calls/human");
  }

  /** Every recording, in the manifest's order. */
  public static List<HumanRecording> all() {
    try {
      String manifest = Files.readString(folder().resolve("manifest.json"));
      return ENTRY
          .matcher(manifest)
          .results()
          .map(found -> new HumanRecording(folder().resolve(found.group(1)), found.group(2)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static HumanRecording named(String name) {
    return all().stream()
        .filter(recording -> recording.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(name + " (expected: a file of the manifest)"));
  }

  /** The file's name, with its extension. */
  public String name() {
    return String.valueOf(file.getFileName());
  }

  /** The whole file, header and all. */
  public byte[] wav() {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code pcm[samples]}, mono, 16-bit, 8 kHz. */
  public short[] pcm() {
    return Pcm16Wav.samples(file);
  }

  /** Word errors of what was recognised in it. */
  public int errors(String recognised) {
    return WordDistance.between(words, recognised);
  }
}
