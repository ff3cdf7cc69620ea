import com.google.googlejavaformat.java.Formatter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Holds every Java source to google-java-format, or rewrites it.
 *
 * <p>Run from the project's root by {@code mvn verify} (check) or {@code mvn -N verify
 * -Dformat.mode=write}. Exit status: 0 all formatted, 1 some are not, 2 wrong usage.
 */
final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    if (args.length != 1 || !List.of("check", "write").contains(args[0])) {
      System.err.println("format.mode: " + String.join(" ", args) + " (expected: check or write)");
      System.exit(2);
    }
    boolean write = args[0].equals("write");
    List<Path> unformatted = new ArrayList<>();
    List<Path> sources = sources();
    for (Path source : sources) {
      String before = Files.readString(source);
      String after = new Formatter().formatSourceAndFixImports(before);
      if (!after.equals(before)) {
        unformatted.add(source);
        if (write) {
          Files.writeString(source, after);
        }
      }
    }
    unformatted.forEach(p -> System.err.println((write ? "formatted " : "not formatted: ") + p));
    System.out.println(sources.size() + " sources, " + unformatted.size() + " not formatted");
    if (!write && !unformatted.isEmpty()) {
      System.err.println("Mend it with: mvn -N verify -Dformat.mode=write");
      System.exit(1);
    }
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(""))) {
      return files
          .filter(p -> p.toString().endsWith(".java"))
          .filter(p -> Stream.of("target", "node_modules").noneMatch(d -> hasPart(p, d)))
          .sorted()
          .toList();
    }
  }

  private static boolean hasPart(Path path, String part) {
    for (Path name : path) {
      if (name.toString().equals(part)) {
        return true;
      }
    }
    return false;
  }
}
