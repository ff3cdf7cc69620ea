package org.linescribe.asr.catalogue;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A model as the catalogue describes it.
 *
 * @param name its name, and that of its folder
 * @param language BCP 47 tag of what it recognises
 * @param languages ISO 639 codes of what it recognises; empty where its files or nobody says them
 * @param sampleRateHz the rate it was trained at, 8000 or 16000
 * @param type its family
 * @param files by role: {@code encoder decoder joiner} or {@code model}, and {@code tokens}
 * @param archive where it can be had from; empty when it is bundled or a local folder
 * @param bundled it comes with the program
 * @param aboutMegabytes what recognition loads, rounded
 * @param licence SPDX name, or words
 * @param source where to read about it
 * @param endpointSilence its default silence before an endpoint
 * @param decodingMethod {@code greedy_search} or {@code modified_beam_search}
 */
public record ModelDescription(
    String name,
    String language,
    List<String> languages,
    int sampleRateHz,
    ModelType type,
    Map<String, ModelFile> files,
    Optional<Archive> archive,
    boolean bundled,
    int aboutMegabytes,
    String licence,
    String source,
    Duration endpointSilence,
    String decodingMethod) {
  /** A file, with its hash and length where they are known. */
  public record ModelFile(String name, Optional<String> sha256, Optional<Long> bytes) {
    public ModelFile {
      if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.startsWith(".")) {
        throw new IllegalArgumentException("file name: '" + name + "' (expected: a plain name)");
      }
      sha256.ifPresent(ModelDescription::requireSha256);
    }
  }

  /** A {@code .tar.bz2} with the files in one folder. */
  public record Archive(URI url, Optional<String> sha256) {
    public Archive {
      if (!List.of("http", "https").contains(Objects.requireNonNullElse(url.getScheme(), ""))) {
        throw new IllegalArgumentException("url: " + url + " (expected: http or https)");
      }
      sha256.ifPresent(ModelDescription::requireSha256);
    }
  }

  public ModelDescription {
    languages = List.copyOf(languages);
    files = Map.copyOf(files);
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}")) {
      throw new IllegalArgumentException(
          "name: '" + name + "' (expected: letters, digits, '.', '_', '-'; at most 128)");
    }
    if (sampleRateHz != 8000 && sampleRateHz != 16_000) {
      throw new IllegalArgumentException(
          "sample-rate-hz of " + name + ": " + sampleRateHz + " (expected: 8000 or 16000)");
    }
    for (String role : type.roles()) {
      if (!files.containsKey(role)) {
        throw new IllegalArgumentException("files of " + name + ": no " + role);
      }
    }
    if (!files.containsKey("tokens")) {
      throw new IllegalArgumentException("files of " + name + ": no tokens");
    }
    boolean beam = decodingMethod.equals("modified_beam_search") && type.allowsBeamSearch();
    if (!decodingMethod.equals("greedy_search") && !beam) {
      throw new IllegalArgumentException(
          "decoding of "
              + name
              + ": "
              + decodingMethod
              + " (expected: greedy_search"
              + (type.allowsBeamSearch() ? " or modified_beam_search)" : ")"));
    }
  }

  ModelFile file(String role) {
    return Objects.requireNonNull(files.get(role), role);
  }

  /** Every file that recognition loads has a hash in the catalogue. */
  public boolean isHashed() {
    return files.values().stream().allMatch(f -> f.sha256().isPresent());
  }

  ModelDescription withArchive(Archive other) {
    return new ModelDescription(
        name,
        language,
        languages,
        sampleRateHz,
        type,
        files,
        Optional.of(other),
        bundled,
        aboutMegabytes,
        licence,
        source,
        endpointSilence,
        decodingMethod);
  }

  static String requireSha256(String sha256) {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "sha256: '" + sha256 + "' (expected: 64 hexadecimal digits in lower case)");
    }
    return sha256;
  }

  /** The same model from another address; what is known of its hash stays. */
  public ModelDescription from(URI url) {
    return withArchive(new Archive(url, archive.flatMap(Archive::sha256)));
  }
}
