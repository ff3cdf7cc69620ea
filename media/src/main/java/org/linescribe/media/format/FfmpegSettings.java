package org.linescribe.media.format;

import java.nio.file.Path;
import java.util.Optional;
import org.linescribe.media.resources.ResourceFiles;

/**
 * Which FFmpeg runs, and how many of it.
 *
 * @param binary a program to use instead of the bundled one ({@code LINESCRIBE_FFMPEG}); FFmpeg 5
 *     or newer
 * @param cacheDirectory where the bundled program is unpacked, once per version
 * @param maxChildren children at one time, 1 to 4096; one more is refused as BUSY
 */
public record FfmpegSettings(Optional<Path> binary, Path cacheDirectory, int maxChildren) {
  /** Children at one time by default. */
  public static final int DEFAULT_MAX_CHILDREN = 128;

  public FfmpegSettings {
    DecodeRequest.require("maxChildren", maxChildren, 1, 4096);
  }

  /**
   * The bundled program, or the one that the environment names, unpacked to {@link
   * ResourceFiles#cacheDirectory}.
   */
  public static FfmpegSettings defaults() {
    String given = System.getenv("LINESCRIBE_FFMPEG");
    return new FfmpegSettings(
        given == null || given.isBlank() ? Optional.empty() : Optional.of(Path.of(given)),
        ResourceFiles.cacheDirectory().resolve("ffmpeg"),
        DEFAULT_MAX_CHILDREN);
  }
}
