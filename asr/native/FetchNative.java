import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Brings one platform's sherpa-onnx libraries from npm into the classes folder, or stops the build.
 *
 * <p>Run by Maven in {@code generate-resources}: {@code FetchNative PLATFORM SOURCE WORK CLASSES}.
 * npm checks the package against the lock's sha512; the hashes of the unpacked libraries are then
 * written down beside them, so that later builds notice an altered file without a network.
 */
final class FetchNative {
  private static final String LIST = "SHA256SUMS";
  private static final String STAMP = "fetched-lock.sha256";

  private FetchNative() {}

  public static void main(String[] args) throws Exception {
    if (args.length != 4) {
      throw fail("usage: FetchNative PLATFORM SOURCE_DIR WORK_DIR CLASSES_DIR");
    }
    String platform = args[0];
    Path source = Path.of(args[1]).resolve(platform);
    Path work = Path.of(args[2]).resolve(platform);
    Path target = Path.of(args[3]).resolve("native").resolve(platform);
    if (!Files.isRegularFile(source.resolve("package-lock.json"))) {
      throw fail(
          "linescribe.native.platform: "
              + platform
              + " (expected: linux-x64, linux-arm64, darwin-x64, darwin-arm64 or win-x64)");
    }
    String lock = sha256(source.resolve("package-lock.json"));
    if (upToDate(target, work.resolve(STAMP), lock)) {
      return;
    }
    Path modules = work.resolve("node_modules").resolve("sherpa-onnx-" + platform);
    npmCi(source, work);
    Files.createDirectories(target);
    Files.deleteIfExists(target.resolve(LIST));
    StringBuilder list = new StringBuilder();
    for (String name : libraries(platform)) {
      Path library = modules.resolve(name);
      if (!Files.isRegularFile(library) || Files.size(library) < 100_000) {
        throw fail("the npm package sherpa-onnx-" + platform + " holds no usable " + name);
      }
      Files.copy(library, target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      list.append(sha256(target.resolve(name))).append("  ").append(name).append('\n');
    }
    Files.writeString(target.resolve(LIST), list);
    Files.writeString(work.resolve(STAMP), lock);
    System.out.println("sherpa-onnx for " + platform + " fetched and verified");
  }

  /** In load order: sherpa-onnx has no run path and finds ONNX Runtime only once it is loaded. */
  private static List<String> libraries(String platform) {
    if (platform.startsWith("win-")) {
      return List.of("onnxruntime.dll", "sherpa-onnx-c-api.dll");
    }
    String suffix = platform.startsWith("darwin-") ? ".dylib" : ".so";
    return List.of("libonnxruntime" + suffix, "libsherpa-onnx-c-api" + suffix);
  }

  private static boolean upToDate(Path target, Path stamp, String lock) throws Exception {
    Path list = target.resolve(LIST);
    if (!Files.isRegularFile(list)
        || !Files.isRegularFile(stamp)
        || !Files.readString(stamp).equals(lock)) {
      return false;
    }
    for (String line : Files.readAllLines(list)) {
      Path library = target.resolve(line.substring(66));
      if (!Files.isRegularFile(library) || !sha256(library).equals(line.substring(0, 64))) {
        System.err.println(library + " is missing or altered; fetching it again");
        return false;
      }
    }
    return true;
  }

  private static void npmCi(Path source, Path work) throws Exception {
    Files.createDirectories(work);
    for (String name : List.of("package.json", "package-lock.json", ".npmrc")) {
      Files.copy(source.resolve(name), work.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    List<String> command = new ArrayList<>(List.of(windows ? "npm.cmd" : "npm", "ci"));
    command.addAll(List.of("--ignore-scripts", "--no-audit", "--no-fund"));
    // A platform other than this machine's may be asked for, to build its jar here.
    String platform = source.getFileName().toString();
    String os = platform.substring(0, platform.indexOf('-'));
    command.add("--os=" + (os.equals("win") ? "win32" : os));
    command.add("--cpu=" + platform.substring(platform.indexOf('-') + 1));
    Process npm;
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(work.toFile()).inheritIO();
      cacheOutsideReadOnlyHome(builder, work);
      npm = builder.start();
    } catch (IOException e) {
      throw fail(
          "npm cannot be run (" + e.getMessage() + "): install Node.js with npm 10 or later");
    }
    if (!npm.waitFor(10, TimeUnit.MINUTES)) {
      npm.destroyForcibly();
      throw fail("npm ci took longer than 10 minutes");
    }
    if (npm.exitValue() != 0) {
      throw fail(
          "npm ci ended with status "
              + npm.exitValue()
              + ": the recogniser's libraries are missing or do not match "
              + source.resolve("package-lock.json"));
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

  private static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (var in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static IllegalStateException fail(String message) {
    System.err.println("FetchNative: " + message);
    System.exit(1);
    return new IllegalStateException(message);
  }
}
