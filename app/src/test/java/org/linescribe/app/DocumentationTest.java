package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The project's Markdown pages: their links, the settings and the options that they name. */
final class DocumentationTest {
  private static final Path ROOT = Path.of(System.getProperty("linescribe.root"));
  private static final Set<String> SKIPPED_FOLDERS = Set.of("target", "node_modules", "data");
  private static final int README_LINES = 120;

  private static final Pattern LINK = Pattern.compile("!?\\[[^]]*]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
  private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```$");
  private static final Pattern CODE_SPAN = Pattern.compile("`[^`\n]+`");
  private static final Pattern SETTING =
      Pattern.compile("(?<![\\w./-])linescribe(?:\\.[a-z][a-z0-9-]*)+");
  private static final Pattern COMMAND =
      Pattern.compile(
          "linescribe (serve|demo|call|load|models|keys|settings|export|delete|migrate)\\b([^`|\n"
              + "#]*)");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");

  /** Text of each page by its path below the root. */
  private static Map<Path, String> pages() throws IOException {
    Map<Path, String> pages = new TreeMap<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = String.valueOf(folder.getFileName());
            boolean skipped =
                !folder.equals(ROOT)
                    && (SKIPPED_FOLDERS.contains(name)
                        || (name.startsWith(".") && !name.equals(".github")));
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (file.toString().endsWith(".md")) {
              pages.put(ROOT.relativize(file), Files.readString(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(pages).containsKeys(Path.of("README.md"), Path.of("docs/architecture.md"));
    return pages;
  }

  private static String withoutCode(String page) {
    return CODE_SPAN.matcher(CODE_BLOCK.matcher(page).replaceAll("")).replaceAll("");
  }

  /** The names by which a heading is linked to, as the hosting service makes them. */
  private static Set<String> anchors(String page) {
    return HEADING
        .matcher(CODE_BLOCK.matcher(page).replaceAll(""))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(text -> text.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void readmeIsReadInAFewMinutes() throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve("README.md")))
        .hasSizeLessThanOrEqualTo(README_LINES);
  }

  @Test
  void everyRelativeLinkLeadsToAFileOfTheProjectAndToItsHeading() throws IOException {
    Map<Path, String> pages = pages();
    List<String> broken = new ArrayList<>();
    for (Map.Entry<Path, String> page : pages.entrySet()) {
      for (MatchResult link : LINK.matcher(withoutCode(page.getValue())).results().toList()) {
        String target = link.group(1);
        if (!target.matches("[a-z]+:.*") && !resolves(page.getKey(), target, pages)) {
          broken.add(page.getKey() + ": " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static boolean resolves(Path from, String target, Map<Path, String> pages) {
    String[] fileAndAnchor = target.split("#", 2);
    Path file =
        fileAndAnchor[0].isEmpty() ? from : from.resolveSibling(fileAndAnchor[0]).normalize();
    if (file.startsWith("..") || !Files.exists(ROOT.resolve(file))) {
      return false;
    }
    String page = pages.get(file);
    return fileAndAnchor.length == 1 || page == null || anchors(page).contains(fileAndAnchor[1]);
  }

  @Test
  void everySettingThatAPageNamesIsInTheReference() throws IOException {
    Set<String> keys = new TreeSet<>();
    for (SettingsReference.Entry entry : SettingsReference.entries(SettingsReference.records())) {
      // A page may also speak of a group of settings by their common prefix.
      for (String name = entry.key(); !name.isEmpty(); name = parent(name)) {
        keys.add(name);
      }
    }
    List<String> unknown = new ArrayList<>();
    for (Map.Entry<Path, String> page : pages().entrySet()) {
      for (MatchResult key : SETTING.matcher(page.getValue()).results().toList()) {
        String last = key.group().substring(key.group().lastIndexOf('.') + 1);
        if (!keys.contains(key.group()) && !isFile(last)) {
          unknown.add(page.getKey() + ": " + key.group());
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  private static String parent(String key) {
    int dot = key.lastIndexOf('.');
    return dot < 0 ? "" : key.substring(0, dot);
  }

  /** The program's own files are called linescribe.jar, linescribe.service and the like. */
  private static boolean isFile(String extension) {
    return Set.of("jar", "service", "env").contains(extension);
  }

  @Test
  void everyOptionOfACommandIsOneThatTheProgramTakes() throws IOException {
    Map<String, CommandLine> commands = Linescribe.commandLine().getSubcommands();
    List<String> unknown = new ArrayList<>();
    for (Map.Entry<Path, String> page : pages().entrySet()) {
      for (MatchResult command : COMMAND.matcher(page.getValue()).results().toList()) {
        Set<String> taken = options(commands.get(command.group(1)));
        OPTION
            .matcher(command.group(2))
            .results()
            .map(MatchResult::group)
            .filter(option -> !taken.contains(option))
            .forEach(option -> unknown.add(page.getKey() + ": " + command.group()));
      }
    }
    assertThat(unknown).isEmpty();
  }

  private static Set<String> options(CommandLine command) {
    Set<String> options = new TreeSet<>(command.getCommandSpec().optionsMap().keySet());
    command.getSubcommands().values().forEach(below -> options.addAll(options(below)));
    return options;
  }
}
