import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes the archive of a release: program, launcher, licences, bill of materials, checksums.
 *
 * <p>Run from the project's root by {@code mvn -Prelease -DskipTests package}; arguments: version,
 * folder of the jar and of the archive. The archive has one folder, whose {@code SHA256SUMS} names
 * every other file of it; the archive's own sum lies beside it. Needs tar.
 */
final class Release {
  private Release() {}

  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println("arguments: " + String.join(" ", args) + " (expected: VERSION FOLDER)");
      System.exit(2);
    }
    String name = "linescribe-" + args[0];
    Path target = Path.of(args[1]);
    Path release = target.resolve("release");
    delete(release);
    Path folder = Files.createDirectories(release.resolve(name));
    Map<String, Path> files = new TreeMap<>();
    files.put("linescribe.jar", target.resolve("linescribe.jar"));
    files.put("sbom.json", target.resolve("sbom.json"));
    for (String file : List.of("linescribe", "LICENSE", "NOTICE", "CHANGELOG.md", "README.md")) {
      files.put(file, Path.of(file));
    }
    copyTree(Path.of("docs"), "docs", files);
    copyTree(Path.of("ops"), "ops", files);
    List<String> sums = new ArrayList<>();
    for (Map.Entry<String, Path> file : files.entrySet()) {
      Path to = folder.resolve(file.getKey());
      Files.createDirectories(to.getParent());
      Files.copy(file.getValue(), to, StandardCopyOption.REPLACE_EXISTING);
      sums.add(sha256(to) + "  " + file.getKey());
    }
    Files.setPosixFilePermissions(
        folder.resolve("linescribe"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.write(folder.resolve("SHA256SUMS"), sums);
    Path archive = release.resolve(name + ".tar.gz").toAbsolutePath();
    run(
        release,
        List.of(
            "tar",
            "--create",
            "--gzip",
            "--sort=name",
            "--owner=0",
            "--group=0",
            "--numeric-owner",
            "--file=" + archive,
            name));
    Files.writeString(
        release.resolve(name + ".tar.gz.sha256"),
        sha256(archive) + "  " + archive.getFileName() + "\n");
    System.out.println(archive + ": " + Files.size(archive) / (1 << 20) + " MiB");
  }

  private static void copyTree(Path from, String as, Map<String, Path> files) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      paths
          .filter(Files::isRegularFile)
          .forEach(file -> files.put(as + "/" + from.relativize(file), file));
    }
  }

  private static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void run(Path folder, List<String> command) throws Exception {
    int status =
        new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException(command.getFirst() + " ended with " + status);
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (Stream<Path> paths = Files.walk(tree)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
