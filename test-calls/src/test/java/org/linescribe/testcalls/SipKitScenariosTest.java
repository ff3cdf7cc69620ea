package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.linescribe.testsupport.ProjectFiles;

/** The kit's list of scenarios says which test runs each, and is true. */
class SipKitScenariosTest {
  private static final Pattern ROW = Pattern.compile("\\| `(ua[cs]_\\w+)` \\| (.*) \\|");
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)`");

  private static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).toList();
    }
  }

  /** What Java tests of the modules say, by the name of their class. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> tests = new TreeMap<>();
    for (String module : List.of("gateway", "test-calls", "app")) {
      for (Path file : files(ProjectFiles.root().resolve(module + "/src/test/java"), ".java")) {
        tests.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    return tests;
  }

  private static Map<String, String> listed() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (String line : Files.readAllLines(ProjectFiles.sipKit().resolve("README.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.put(row.group(1), row.group(2));
      }
    }
    return rows;
  }

  @Test
  void eachScenarioIsListedWithTheTestsThatRunItOrTheReasonWhyNoneDoes() throws IOException {
    Map<String, String> tests = tests();
    Map<String, String> listed = listed();
    assertThat(listed.keySet())
        .containsExactlyInAnyOrderElementsOf(
            files(ProjectFiles.sipKit().resolve("sipp"), ".xml").stream()
                .map(file -> file.getFileName().toString().replace(".xml", ""))
                .collect(Collectors.toSet()));

    listed.forEach(
        (scenario, by) -> {
          Pattern used = Pattern.compile("\\b" + scenario + "\\b");
          List<String> running =
              tests.entrySet().stream()
                  .filter(test -> used.matcher(test.getValue()).find())
                  .map(Map.Entry::getKey)
                  .toList();
          if (by.startsWith("none: ")) {
            assertThat(running).as(scenario).isEmpty();
          } else {
            assertThat(NAME.matcher(by).results().map(found -> found.group(1)))
                .as(scenario)
                .isNotEmpty()
                .isSubsetOf(running);
          }
        });
  }
}
