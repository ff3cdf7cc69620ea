package org.linescribe.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code linescribe config check FILE}: whether a gateway would start with these settings. */
@Command(
    name = "config",
    description = "Checks settings without starting anything.",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    subcommands = ConfigCommand.Check.class)
final class ConfigCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    line.usage(line.getOut());
  }

  /** {@code check}. */
  @Command(
      name = "check",
      description = "Says whether the settings of a file are known and in their ranges.",
      mixinStandardHelpOptions = true,
      versionProvider = BuildVersion.class,
      footer = {"", "Exit status: 0 they are, 2 one is not."})
  static final class Check implements Callable<Integer> {
    @Spec private CommandSpec command = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "settings of yours, YAML")
    private Path file = Path.of("");

    @Override
    public Integer call() {
      String name = String.valueOf(file.getFileName());
      if (!name.matches(".+\\.(yaml|yml|properties)") || !Files.isReadable(file)) {
        throw new ParameterException(
            command.commandLine(),
            "'" + file + "' (expected: a .yaml or .properties file that can be read)");
      }
      try {
        CheckedSettings settings =
            CheckedSettings.of(
                List.of("--spring.config.additional-location=" + file.toAbsolutePath()));
        command
            .commandLine()
            .getOut()
            .println(
                file + ": sound; " + settings.changed() + " settings differ from their defaults");
        return 0;
      } catch (RuntimeException fault) {
        command
            .commandLine()
            .getErr()
            .println(
                file
                    + ": "
                    + StartFailureReporter.usersFault(fault).orElseGet(() -> fault.toString()));
        return Linescribe.USAGE;
      }
    }
  }
}
