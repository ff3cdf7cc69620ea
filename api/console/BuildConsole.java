import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Builds the console's pages with Vite into the classes folder, or stops the build.
 *
 * <p>Run by Maven in {@code generate-resources}: {@code BuildConsole SOURCE WORK SITE}. Nothing is
 * done where the sources are those of the last build and its files lie as it wrote them. npm checks
 * each package against the lock's sha512.
 */
final class BuildConsole {
  private static final String STAMP = "built.sha256";
  private static final String INSTALLED = "installed-lock.sha256";
  private static final List<String> NPM_FILES =
      List.of("package.json", "package-lock.json", ".npmrc");

  /** What is bundled, whose licences want to be told. */
  private static final List<String> BUNDLED =
      List.of("preact", "@preact/signals", "@preact/signals-core");

  private BuildConsole() {}

  public static void main(String[] args) throws Exception {
    if (args.length != 3) {
      throw fail("usage: BuildConsole SOURCE_DIR WORK_DIR SITE_DIR");
    }
    Path source = Path.of(args[0]).toAbsolutePath();
    Path work = Path.of(args[1]).toAbsolutePath();
    Path site = Path.of(args[2]).toAbsolutePath();
    String sources = sha256(source);
    Path stamp = work.resolve(STAMP);
    if (Files.isRegularFile(stamp)
        && Files.isDirectory(site)
        && Files.readString(stamp).equals(sources + " " + sha256(site))) {
      return;
    }
    Files.createDirectories(work);
    install(source, work);
    for (String part : List.of("src", "dist")) {
      deleteTree(work.resolve(part));
    }
    copyTree(source.resolve("src"), work.resolve("src"));
    for (String name : List.of("index.html", "vite.config.ts", "tsconfig.json")) {
      Files.copy(source.resolve(name), work.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    run(work, "node", "node_modules/typescript/bin/tsc");
    run(work, "node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn");
    StringBuilder licences = new StringBuilder();
    for (String name : BUNDLED) {
      licences
          .append(name)
          .append("\n\n")
          .append(Files.readString(work.resolve("node_modules").resolve(name).resolve("LICENSE")))
          .append('\n');
    }
    Files.writeString(work.resolve("dist/console/assets/licences.txt"), licences);
    deleteTree(site);
    copyTree(work.resolve("dist"), site);
    Files.writeString(stamp, sources + " " + sha256(site));
    System.out.println("console built");
  }

  /** The packages of the lock; kept where they are those of the last build. */
  private static void install(Path source, Path work) throws Exception {
    String lock =
        digest(NPM_FILES.stream().map(source::resolve).toList(), source)
            + System.getProperty("os.name")
            + System.getProperty("os.arch");
    Path installed = work.resolve(INSTALLED);
    if (Files.isRegularFile(installed) && Files.readString(installed).equals(lock)) {
      return;
    }
    Files.deleteIfExists(installed);
    for (String name : NPM_FILES) {
      Files.copy(source.resolve(name), work.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    run(
        work,
        windows ? "npm.cmd" : "npm",
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error");
    Files.writeString(installed, lock);
  }

  private static void run(Path work, String... command) throws Exception {
    Process process;
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(work.toFile()).inheritIO();
      cacheOutsideReadOnlyHome(builder, work);
      process = builder.start();
    } catch (IOException e) {
      throw fail(
          command[0]
              + " cannot be run ("
              + e.getMessage()
              + "): install Node.js 18 or later with npm");
    }
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw fail(String.join(" ", command) + " took longer than 10 minutes");
    }
    if (process.exitValue() != 0) {
      throw fail(String.join(" ", command) + " ended with status " + process.exitValue());
    }
  }

  /** npm ends where it cannot write to its cache, as in a read-only home. */
  private static void cacheOutsideReadOnlyHome(ProcessBuilder npm, Path work) {
    Path home = Path.of(System.getProperty("user.home"));
    Path usual = home.resolve(".npm");
    if (!Files.isWritable(Files.exists(usual) ? usual : home)) {
      npm.environment().putIfAbsent("npm_config_cache", work.resolve("npm-cache").toString());
    }
  }

  /** One hash over the names and contents of a folder's files; installed packages are left out. */
  private static String sha256(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return digest(
          files
              .filter(Files::isRegularFile)
              .filter(file -> !folder.relativize(file).startsWith("node_modules"))
              .sorted()
              .toList(),
          folder);
    }
  }

  private static String digest(List<Path> files, Path folder) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (Path file : files) {
      digest.update((folder.relativize(file) + "\n" + Files.size(file) + "\n").getBytes("UTF-8"));
      digest.update(Files.readAllBytes(file));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void copyTree(Path from, Path to) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> found = Files.walk(from)) {
      found.forEach(all::add);
    }
    for (Path path : all) {
      Path target = to.resolve(from.relativize(path).toString());
      if (Files.isDirectory(path)) {
        Files.createDirectories(target);
      } else {
        Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> found = Files.walk(folder)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }

  private static IllegalStateException fail(String message) {
    System.err.println("BuildConsole: " + message);
    System.exit(1);
    return new IllegalStateException(message);
  }
}
