package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
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
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.testsupport.ProjectFiles;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The tables of docs/promises.md and docs/other-systems.md: their tests exist, and nothing of the
 * contracts is left out.
 */
class PromisesTest {
  private static final Path ROOT = ProjectFiles.root();
  private static final Pattern TEST_NAME = Pattern.compile("`([A-Za-z0-9]+)\\.([A-Za-z0-9]+)`");

  /** A method that JUnit runs: an annotation of its kind stands above it, others may between. */
  private static final Pattern TEST_METHOD =
      Pattern.compile(
          "@(?:Test|ParameterizedTest|RepeatedTest)\\b[^;{}]*?(?:\\{[^;]*?}[^;{}]*?)*?"
              + "void\\s+([A-Za-z0-9]+)\\(");

  private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*+\"");

  private static String page() throws IOException {
    return Files.readString(ROOT.resolve("docs/promises.md"));
  }

  private static List<String[]> rows() throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : page().lines().toList()) {
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
    // A string may hold what ends a statement.
    Matcher matcher = TEST_METHOD.matcher(STRING.matcher(source).replaceAll("\"\""));
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

  @Test
  void nameTestsThatExistForTheClientsOfOtherSystems() throws IOException {
    Map<String, String> sources = testSources();
    Matcher tests = TEST_NAME.matcher(Files.readString(ROOT.resolve("docs/other-systems.md")));
    int named = 0;
    while (tests.find()) {
      if (!tests.group(1).endsWith("Test")) {
        continue; // A module of a client.
      }
      named++;
      assertThat(sources.keySet()).contains(tests.group(1));
      assertThat(testMethods(sources.get(tests.group(1))))
          .as(tests.group())
          .contains(tests.group(2));
    }
    assertThat(named).isGreaterThan(40);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "transcribe-g711",
        "stt-streaming",
        "audio-streaming-sessions",
        "socketio-streaming",
        "audio-processing-sse-and-redis"
      })
  void leaveNoRouteFieldSettingOrCodeOfAContractOut(String name) throws IOException {
    JsonNode contract = contract(name);
    String section = section(name);
    String served = resource("openapi.yaml") + resource("asyncapi.yaml");

    List<String> fields = new ArrayList<>();
    contract
        .required("messages")
        .forEach(message -> fields.addAll(message.required("fields").propertyNames()));
    assertThat(fields).isNotEmpty().allMatch(section::contains).allMatch(served::contains);
    for (String list : List.of("query", "form", "events", "steps", "settings")) {
      assertThat(strings(contract.path(list))).as(list).allMatch(section::contains);
    }
    for (String list : List.of("query", "form", "events", "steps")) {
      assertThat(strings(contract.path(list))).as(list).allMatch(served::contains);
    }
    assertThat(strings(contract.required("codes"))).allMatch(section::contains);
    assertThat(strings(contract.required("routes")).map(route -> route.split(" ")[1]))
        .isNotEmpty()
        .allMatch(served::contains);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "transcribe-g711",
        "stt-streaming",
        "audio-streaming-sessions",
        "socketio-streaming"
      })
  void haveContractsWhoseExamplesHaveAllTheirFields(String name) throws IOException {
    for (JsonNode message : contract(name).required("messages")) {
      if (message.has("example")) {
        assertThat(message.get("example").propertyNames())
            .containsExactlyInAnyOrderElementsOf(message.get("fields").propertyNames());
      }
    }
  }

  private static JsonNode contract(String name) throws IOException {
    try (InputStream yaml =
        PromisesTest.class.getResourceAsStream("/contracts/" + name + ".yaml")) {
      return YAMLMapper.shared().readTree(yaml);
    }
  }

  private static Stream<String> strings(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asString);
  }

  private static String resource(String name) throws IOException {
    return Files.readString(
        ROOT.resolve("api/src/main/resources/org/linescribe/api/docs").resolve(name));
  }

  private static String section(String name) throws IOException {
    String page = page();
    int start = page.indexOf("## " + name);
    assertThat(start).as(name).isNotNegative();
    int end = page.indexOf("\n## ", start + 1);
    return end < 0 ? page.substring(start) : page.substring(start, end);
  }
}
