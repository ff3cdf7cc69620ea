package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line's own words: before anything is started. */
final class LinescribeTest {
  @TempDir Path folder;

  private final CommandRun run = new CommandRun();

  @ParameterizedTest
  @CsvSource({
    "nonsense,                         linescribe: Unmatched argument at index 0: 'nonsense'",
    "serve --nonsense,                 linescribe serve: Unknown option: '--nonsense'",
    "serve --http,                     linescribe serve: Missing required parameter for option",
    "serve --set linescribe.drain,     linescribe serve: Value for option",
    "serve --set =1,                   linescribe serve: --set: '=1' (expected: KEY=VALUE)",
    "serve --config no/such.yaml,      linescribe serve: --config: 'no/such.yaml' (expected:",
    "serve --config .,                 linescribe serve: --config: '.' (expected:",
    "demo --recording nobody.wav,      linescribe demo: --recording: 'nobody.wav' (expected:",
    "demo --recording ../x.wav,        linescribe demo: --recording: '../x.wav' (expected:",
    "call,                             linescribe call: Missing required",
    "models pull,                      linescribe models pull: Missing required parameter: 'NAME'",
    "config check no/such.yaml,        linescribe config check: 'no/such.yaml' (expected:",
    "doctor --nonsense,                linescribe doctor: Unknown option: '--nonsense'",
    "keys new --bogus,                 linescribe keys new: Unknown option: '--bogus'"
  })
  void wrongUsageIsToldInOneLineWithTheWayToTheHelp(String line, String message) {
    assertThat(run.of(line.split(" "))).isEqualTo(Linescribe.USAGE);
    assertThat(run.err.toString()).startsWith(message).contains("--help");
    assertThat(run.err.toString().lines()).hasSizeLessThanOrEqualTo(3);
    assertThat(run.out.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "help serve",
        "serve --help",
        "demo --help",
        "call --help",
        "models --help",
        "models list --help",
        "models pull --help",
        "models verify --help",
        "keys new --help",
        "route-test --help",
        "config --help",
        "config check --help",
        "doctor --help"
      })
  void everyCommandHasItsHelp(String line) {
    assertThat(run.of(line.split(" "))).isZero();
    assertThat(run.out.toString()).contains("Usage: linescribe");
    assertThat(run.err.toString()).isEmpty();
  }

  /** A start makes the one command that it runs. */
  @Test
  void aCommandThatIsMadeAloneIsAsAmongAll() {
    Map<String, CommandLine> all = Linescribe.commandLine().getSubcommands();
    all.forEach(
        (name, among) -> {
          Map<String, CommandLine> made = Linescribe.commandLine(name, "--help").getSubcommands();
          assertThat(made).containsKey(name);
          assertThat(Objects.requireNonNull(made.get(name)).getUsageMessage())
              .isEqualTo(among.getUsageMessage());
        });
    assertThat(Linescribe.commandLine("serve").getSubcommands()).containsOnlyKeys("serve");
    assertThat(Linescribe.commandLine("help").getSubcommands()).hasSameSizeAs(all);
    assertThat(Linescribe.commandLine("srve").getSubcommands()).hasSameSizeAs(all);
  }

  @Test
  void optionsBecomeSettingsAndSetOutranksThem() throws Exception {
    Path config = Files.createFile(folder.resolve("site.yaml"));
    ServeCommand serve = new ServeCommand();

    new CommandLine(serve)
        .parseArgs(
            "--http=127.0.0.1:1",
            "--sip=127.0.0.1:2",
            "--rtp-ports=0",
            "--data=d",
            "--mysql=m",
            "--redis=r",
            "--model=n",
            "--model-dir=f",
            "--config=" + config,
            "--set=linescribe.data=e",
            "--set=linescribe.drain=1s");

    assertThat(serve.options.arguments())
        .containsExactlyInAnyOrder(
            "--linescribe.http=127.0.0.1:1",
            "--linescribe.sip.bind=127.0.0.1:2",
            "--linescribe.rtp.ports=0",
            "--linescribe.data=e",
            "--linescribe.mysql.url=m",
            "--linescribe.redis.url=r",
            "--linescribe.model.name=n",
            "--linescribe.model.dir=f",
            "--spring.config.additional-location=" + config.toAbsolutePath(),
            "--linescribe.drain=1s");
  }

  @Test
  void theEnvironmentsNameOfASettingHasNoDashes() {
    assertThat(List.of("linescribe.http", "linescribe.asr.max-batch"))
        .map(Settings::environmentName)
        .containsExactly("LINESCRIBE_HTTP", "LINESCRIBE_ASR_MAXBATCH");
  }
}
