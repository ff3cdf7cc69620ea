import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Adds to a CycloneDX bill of materials what the jar has beside Maven's dependencies: the npm
 * packages of the console and of the native libraries, by their locks, and the artifacts that the
 * build unpacks: FFmpeg and the pages of the API's documents.
 *
 * <p>Run from the project's root, after the build; argument: the bill, which is rewritten.
 */
final class BundledParts {
  private static final String LIST = "\n  \"components\" : [";

  private BundledParts() {}

  /** A part of the jar. */
  record Part(
      String group, String name, String version, String license, String sha512, String purl) {
    String json() {
      StringBuilder json = new StringBuilder();
      json.append("\n    {\n      \"type\" : \"library\",\n");
      json.append("      \"bom-ref\" : \"").append(purl).append("\",\n");
      if (!group.isEmpty()) {
        json.append("      \"group\" : \"").append(group).append("\",\n");
      }
      json.append("      \"name\" : \"").append(name).append("\",\n");
      json.append("      \"version\" : \"").append(version).append("\",\n");
      if (!sha512.isEmpty()) {
        json.append("      \"hashes\" : [{\"alg\" : \"SHA-512\", \"content\" : \"");
        json.append(sha512).append("\"}],\n");
      }
      json.append("      \"licenses\" : [{\"license\" : {\"id\" : \"").append(license);
      json.append("\"}}],\n      \"purl\" : \"").append(purl).append("\"\n    }");
      return json.toString();
    }
  }

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("arguments: " + String.join(" ", args) + " (expected: sbom.json)");
      System.exit(2);
    }
    Path bill = Path.of(args[0]);
    String text = Files.readString(bill);
    int list = text.indexOf(LIST);
    if (list < 0) {
      throw new IOException(bill + " has no list of components");
    }
    List<Part> parts = new ArrayList<>(npm(Path.of("api/console/package-lock.json")));
    try (Stream<Path> platforms = Files.list(Path.of("asr/target/npm"))) {
      for (Path platform : (Iterable<Path>) platforms.sorted()::iterator) {
        parts.addAll(
            npm(
                Path.of("asr/native")
                    .resolve(platform.getFileName())
                    .resolve("package-lock.json")));
      }
    }
    parts.add(maven("org.bytedeco", "ffmpeg", "media/pom.xml", "LGPL-3.0-only"));
    parts.add(maven("org.webjars", "swagger-ui", "api/pom.xml", "Apache-2.0"));
    parts.add(maven("org.webjars.npm", "redoc", "api/pom.xml", "MIT"));
    StringBuilder more = new StringBuilder();
    for (Part part : parts) {
      if (!text.contains("\"" + part.purl() + "\"")) {
        more.append(part.json()).append(",");
      }
    }
    int at = list + LIST.length();
    Files.writeString(bill, text.substring(0, at) + more + text.substring(at));
    System.out.println(bill + ": " + parts.size() + " parts beside Maven's dependencies");
  }

  /**
   * The packages of a lock that are not for its build only. npm writes one entry after the other.
   */
  private static List<Part> npm(Path lock) throws IOException {
    List<Part> parts = new ArrayList<>();
    for (String entry : Files.readString(lock).split("\n    \"node_modules/")) {
      String name = entry.substring(0, Math.max(0, entry.indexOf('"')));
      if (entry.startsWith("{") || entry.contains("\n      \"dev\": true")) {
        continue;
      }
      String version = member(entry, "version", lock, name);
      String integrity = member(entry, "integrity", lock, name);
      if (!integrity.startsWith("sha512-")) {
        throw new IOException(lock + ": " + name + " has no SHA-512");
      }
      byte[] hash = Base64.getDecoder().decode(integrity.substring("sha512-".length()));
      parts.add(
          new Part(
              name.startsWith("@") ? name.substring(0, name.indexOf('/')) : "",
              name.substring(name.indexOf('/') + 1),
              version,
              member(entry, "license", lock, name),
              HexFormat.of().formatHex(hash),
              "pkg:npm/" + name.replace("@", "%40") + "@" + version));
    }
    if (parts.isEmpty()) {
      throw new IOException(lock + " names no package");
    }
    return parts;
  }

  private static String member(String entry, String name, Path lock, String of) throws IOException {
    return find("\n      \"" + name + "\": \"([^\"]+)\"", entry)
        .orElseThrow(() -> new IOException(lock + ": " + of + " has no " + name));
  }

  /**
   * An artifact that a module's build unpacks, with the version that the parent's properties give.
   */
  private static Part maven(String group, String artifact, String pom, String license)
      throws IOException {
    String version =
        find(
                "<groupId>"
                    + Pattern.quote(group)
                    + "</groupId>\\s*<artifactId>"
                    + Pattern.quote(artifact)
                    + "</artifactId>\\s*<version>([^<]+)</version>",
                Files.readString(Path.of(pom)))
            .orElseThrow(() -> new IOException(pom + " has no " + artifact));
    if (version.startsWith("${")) {
      String property = version.substring(2, version.length() - 1);
      version =
          find("<" + property + ">([^<]+)<", Files.readString(Path.of("pom.xml")))
              .orElseThrow(() -> new IOException("pom.xml has no property " + property));
    }
    return new Part(
        group,
        artifact,
        version,
        license,
        "",
        "pkg:maven/" + group + "/" + artifact + "@" + version + "?type=jar");
  }

  private static Optional<String> find(String pattern, String in) {
    Matcher matcher = Pattern.compile(pattern).matcher(in);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
