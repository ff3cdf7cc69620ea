package org.linescribe.app;

import java.io.PrintWriter;
import org.linescribe.api.access.KeysCommand;
import org.linescribe.asr.catalogue.ModelsCommand;
import org.linescribe.testcalls.CallCommand;
import org.linescribe.testcalls.load.LoadCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program: {@code linescribe COMMAND}. */
@Command(
    name = "linescribe",
    description = "Turns live phone calls into transcripts.",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      ServeCommand.class,
      CallCommand.class,
      LoadCommand.class,
      ModelsCommand.class,
      KeysCommand.class,
      SettingsCommand.class,
      ConfigCommand.class,
      DoctorCommand.class,
      RouteTestCommand.class,
      ExportCommand.class,
      DeleteCommand.class,
      MigrateCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "First time here:  ./linescribe demo   starts the gateway, calls it, shows the transcript."
    })
public final class Linescribe {
  /** Exit status for wrong usage or settings, the same for every command. */
  static final int USAGE = 2;

  private Linescribe() {}

  public static void main(String[] args) {
    CommandLine commandLine = commandLine();
    if (args.length == 0) {
      commandLine.usage(System.err);
      System.exit(USAGE);
    }
    int status = commandLine.execute(args);
    if (status != ServeCommand.KEEPS_RUNNING) {
      System.exit(status);
    }
  }

  static CommandLine commandLine() {
    return new CommandLine(new Linescribe())
        .setUsageHelpWidth(110)
        .setParameterExceptionHandler((fault, _) -> explain(fault));
  }

  /** The fault in one line; the whole help after it would push it off the screen. */
  private static int explain(ParameterException fault) {
    String command = fault.getCommandLine().getCommandSpec().qualifiedName();
    PrintWriter err = fault.getCommandLine().getErr();
    err.println(command + ": " + fault.getMessage());
    UnmatchedArgumentException.printSuggestions(fault, err);
    err.println("Help: ./" + command + " --help");
    return USAGE;
  }
}
