package org.linescribe.app;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code linescribe completion bash|zsh}: the script that completes the command line. */
@Command(
    name = "completion",
    description = "Prints the script by which a shell completes commands and options.",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    footer = {
      "",
      "bash:  source <(./linescribe completion bash)",
      "zsh:   source <(./linescribe completion zsh)"
    })
final class CompletionCommand implements Runnable {
  /** The shells; one script serves both. */
  enum Shell {
    bash,
    zsh
  }

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  @Nullable Shell shell;

  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public void run() {
    CommandLine program = Objects.requireNonNull(command.parent()).commandLine();
    command.commandLine().getOut().println(AutoComplete.bash("linescribe", program));
  }
}
