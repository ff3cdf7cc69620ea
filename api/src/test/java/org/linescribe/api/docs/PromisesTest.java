package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of promises in api/README.md: its tests exist, and it leaves nothing out. */
class PromisesTest {
  private static final Path ROOT = Path.of(System.getProperty("linescribe.root"));
  private static final Path SEEDS = ROOT.resolve("../shared/seed-apis").normalize();
  private static final Pattern TEST_NAME = Pattern.compile("`([A-Za-z0-9]+)\\.([A-Za-z0-9]+)`");

  /** A method that JUnit runs: an annotation of its kind stands above it, others may between. */
  private static final Pattern TEST_METHOD =
      Pattern.compile(
          "@(?:Test|ParameterizedTest|RepeatedTest)\\b[^;{}]*?(?:\\{[^;]*?}[^;{}]*?)*?"
              + "void\\s+([A-Za-z0-9]+)\\(");

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("api/README.md"));
  }

  private static List<String[]> rows() throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : readme().lines().toList()) {
      if (line.startsWith("| ") && !line.startsWith("| what |")) {
        rows.add(line.substring(1, line.length() - 1).split(" \\| "));
      }
    }
    return rows;
  }

  private static Map<String, String> testSources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = String.valueOf(folder.getFileName());
            boolean skipped =
                !folder.equals(ROOT)
                    && (name.equals("target")
                        || name.equals("main")
                        || name.equals("node_modules")
                        || name.startsWith("."));
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(".java")) {
              sources.put(name.substring(0, name.length() - ".java".length()), read(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return sources;
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }

  private static Set<String> testMethods(String source) {
    Set<String> methods = new TreeSet<>();
    Matcher matcher = TEST_METHOD.matcher(source);
    while (matcher.find()) {
      methods.add(matcher.group(1));
    }
    return methods;
  }

  @Test
  void nameTestsThatExist() throws IOException {
    Map<String, String> sources = testSources();
    int named = 0;
    for (String[] row : rows()) {
      assertThat(row).as(String.join("|", row)).hasSize(3);
      if (row[2].strip().equals("open")) {
        continue;
      }
      Matcher tests = TEST_NAME.matcher(row[2]);
      int before = named;
      while (tests.find()) {
        named++;
        assertThat(sources).as(row[0]).containsKey(tests.group(1));
        assertThat(testMethods(sources.get(tests.group(1))))
            .as("%s of %s", tests.group(), row[0])
            .contains(tests.group(2));
      }
      assertThat(named).as("a test or the word open: %s", row[0]).isGreaterThan(before);
    }
    assertThat(named).isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "transcribe-g711.md",
        "stt-streaming.md",
        "audio-streaming-sessions.md",
        "socketio-streaming.md",
        "audio-processing-sse-and-redis.md"
      })
  void leaveNoFieldSettingOrRouteOfTheDocumentsOut(String document) throws IOException {
    String seed = Files.readString(SEEDS.resolve(document));
    String section = section(document);

    Set<String> words = new TreeSet<>();
    Matcher blocks = Pattern.compile("```(\\w*)\\n(.*?)```", Pattern.DOTALL).matcher(seed);
    while (blocks.find()) {
      if (!Set.of("", "json", "env").contains(blocks.group(1))) {
        continue;
      }
      Matcher fields =
          Pattern.compile("\"([a-z_]+)\":|^([A-Z_]+)=", Pattern.MULTILINE).matcher(blocks.group(2));
      while (fields.find()) {
        words.add(fields.group(1) != null ? fields.group(1) : fields.group(2));
      }
    }
    assertThat(words).isNotEmpty();
    assertThat(words).as(document).allMatch(word -> section.contains(word));

    Matcher codes = Pattern.compile("^\\| (\\d{3,4}) +\\|", Pattern.MULTILINE).matcher(seed);
    while (codes.find()) {
      assertThat(section).contains(codes.group(1));
    }
  }

  private static String section(String document) throws IOException {
    String readme = readme();
    int start = readme.indexOf("### " + document);
    assertThat(start).as(document).isNotNegative();
    int end = readme.indexOf("\n### ", start + 1);
    return end < 0 ? readme.substring(start) : readme.substring(start, end);
  }
}
