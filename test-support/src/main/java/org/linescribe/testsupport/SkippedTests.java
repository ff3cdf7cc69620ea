package org.linescribe.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tests of one build that were skipped for a missing tool, kept in {@code target/skipped-tests}
 * of the root, since every module's tests run in a JVM of their own.
 *
 * @param folder one build's; each JVM writes a file of its own
 */
record SkippedTests(Path folder) {
  private static final String NAMES_FROM_TOOLS = "\t";

  /** The build that Surefire names; tests that an IDE starts are kept apart from every build. */
  static SkippedTests ofThisBuild() {
    return new SkippedTests(
        ProjectFiles.target()
            .resolve("skipped-tests")
            .resolve(System.getProperty("linescribe.build", "no-build")));
  }

  void add(SkippedTest test) {
    String tools = test.missing().stream().map(Tool::name).collect(Collectors.joining(" "));
    try {
      Files.createDirectories(folder);
      Files.writeString(
          folder.resolve(ProcessHandle.current().pid() + ".txt"),
          test.name() + NAMES_FROM_TOOLS + tools + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One line with all of them and what to install; empty when every test ran. */
  Optional<String> summary() throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    TreeSet<String> names = new TreeSet<>();
    TreeSet<String> packages = new TreeSet<>();
    TreeSet<String> others = new TreeSet<>();
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files = listed.toList();
    }
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split(NAMES_FROM_TOOLS);
        names.add(words[0]);
        for (String word : words[1].split(" ")) {
          Tool tool = Tool.valueOf(word);
          tool.debianPackage().ifPresentOrElse(packages::add, () -> others.add(tool.name()));
        }
      }
    }
    if (names.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "Skipped for missing tools: "
            + String.join(", ", names)
            + (packages.isEmpty()
                ? ""
                : "; to run them: apt-get install " + String.join(" ", packages))
            + (others.isEmpty() ? "" : "; no package brings " + String.join(", ", others)));
  }

  /**
   * Prints the summary at the end of a build.
   *
   * @param arguments the root's folder of all builds, and the build's name
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      throw new IllegalArgumentException(
          Arrays.toString(arguments) + " (expected: the folder of all builds, a build)");
    }
    new SkippedTests(Path.of(arguments[0]).resolve(arguments[1]))
        .summary()
        .ifPresent(System.out::println);
  }
}
