package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Command lines that are read without picocli, against picocli. */
final class PlainServeTest {
  private static final long SEED = 20261130;
  private static final int COMMAND_LINES = 3000;

  @TempDir Path folder;

  private static Optional<List<String>> byPicocli(List<String> commandLine) {
    ServeCommand serve = new ServeCommand();
    try {
      new CommandLine(serve)
          .parseArgs(commandLine.subList(1, commandLine.size()).toArray(String[]::new));
      return Optional.of(serve.options.arguments());
    } catch (ParameterException refused) {
      return Optional.empty();
    }
  }

  @Test
  void readsEveryOptionThatPicocliKnowsAsPicocliDoes() throws Exception {
    Path config = Files.createFile(folder.resolve("site.yaml"));
    Set<String> names =
        new CommandLine(new ServeCommand())
            .getCommandSpec().options().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !Set.of("--help", "--version").contains(name))
                .collect(Collectors.toSet());
    assertThat(names).hasSizeGreaterThan(10);

    for (String name : names) {
      String value =
          switch (name) {
            case PlainServe.CONFIG -> config.toString();
            case PlainServe.SET -> "linescribe.sip.trunks[0].name=a=b c";
            default -> "127.0.0.1:1";
          };
      List<String> commandLine = List.of("serve", name, value);
      assertThat(PlainServe.arguments(commandLine.toArray(String[]::new)))
          .as(name)
          .isPresent()
          .isEqualTo(byPicocli(commandLine));
    }
    assertThat(PlainServe.arguments("serve")).hasValue(List.of());
  }

  @Test
  void neverReadsACommandLineOtherwiseThanPicocli() {
    Random random = new Random(SEED);
    List<String> words = new ArrayList<>(PlainServe.SETTINGS.keySet());
    words.addAll(
        List.of(
            "--set",
            "--set",
            "--set",
            "--config",
            "--help",
            "-h",
            "--",
            "@file",
            "",
            " ",
            "serve",
            "a=b",
            "linescribe.data=x",
            "linescribe.data=",
            "=x",
            "a",
            "a=b=c",
            "a.b[0].c=d",
            "'q'",
            "\"q\"",
            "a\\b",
            "--http=127.0.0.1:1",
            "--nonsense",
            "-1",
            "1",
            "ö",
            "a b",
            "/data",
            "data",
            "redis://h:1",
            "jdbc:mysql://h/d?user=u",
            "${env:HOME}",
            "A=b",
            "a,b",
            "k=v|w",
            "no.yaml"));
    int read = 0;
    for (int i = 0; i < COMMAND_LINES; i++) {
      List<String> commandLine = new ArrayList<>(List.of("serve"));
      int pairs = random.nextInt(4);
      for (int j = 0; j < pairs * 2; j++) {
        boolean isName = j % 2 == 0 && random.nextInt(8) > 0;
        commandLine.add(words.get(random.nextInt(isName ? 13 : words.size())));
      }
      Optional<List<String>> plain = PlainServe.arguments(commandLine.toArray(String[]::new));
      if (plain.isPresent()) {
        read++;
        assertThat(plain).as("seed %d: %s", SEED, commandLine).isEqualTo(byPicocli(commandLine));
      }
    }
    assertThat(read).isGreaterThan(COMMAND_LINES / 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo --http 127.0.0.1:1",
        "serve --help",
        "serve --http",
        "serve --http 1 --http 2",
        "serve --http --sip",
        "serve --http=127.0.0.1:1",
        "serve --set a",
        "serve --set a=1 --set a=2",
        "serve --config no/such.yaml",
        "serve 127.0.0.1:1 --http",
        "nonsense"
      })
  void leavesTheRestToPicocli(String commandLine) {
    assertThat(PlainServe.arguments(commandLine.split(" "))).isEmpty();
  }
}
