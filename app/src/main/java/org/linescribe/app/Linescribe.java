package org.linescribe.app;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
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
    footer = {
      "",
      "First time here:  ./linescribe demo   starts the gateway, calls it, shows the transcript."
    })
public final class Linescribe {
  /** Exit status for wrong usage or settings, the same for every command. */
  static final int USAGE = 2;

  /** The commands; a class of its own, as a plain start needs none of them. */
  private static final class Commands {
    /** Made when they are needed: reading the annotations of all takes a tenth of a start. */
    static final Map<String, Supplier<Object>> ALL = new LinkedHashMap<>();

    /** Those that look at all others. */
    static final Set<String> OVER_ALL = Set.of("completion", "help");

    static {
      ALL.put("demo", DemoCommand::new);
      ALL.put(PlainServe.COMMAND, ServeCommand::new);
      ALL.put("call", CallCommand::new);
      ALL.put("load", LoadCommand::new);
      ALL.put("models", ModelsCommand::new);
      ALL.put("keys", KeysCommand::new);
      ALL.put("settings", SettingsCommand::new);
      ALL.put("config", ConfigCommand::new);
      ALL.put("doctor", DoctorCommand::new);
      ALL.put("route-test", RouteTestCommand::new);
      ALL.put("export", ExportCommand::new);
      ALL.put("delete", DeleteCommand::new);
      ALL.put("migrate", MigrateCommand::new);
      ALL.put("completion", CompletionCommand::new);
      // No method reference: the JVM fails to lay out one to a class of this library in its cache.
      ALL.put("help", () -> new CommandLine.HelpCommand());
    }
  }

  private Linescribe() {}

  public static void main(String[] args) {
    Optional<List<String>> plain = PlainServe.arguments(args);
    if (plain.isEmpty()) {
      runByPicocli(args);
    } else if (RunningGateway.start(plain.get()).isEmpty()) {
      System.exit(USAGE);
    }
  }

  private static void runByPicocli(String... args) {
    CommandLine commandLine = commandLine(args);
    if (args.length == 0) {
      commandLine.usage(System.err);
      System.exit(USAGE);
    }
    int status = commandLine.execute(args);
    if (status != ServeCommand.KEEPS_RUNNING) {
      System.exit(status);
    }
  }

  /** The program for these arguments: with the one command that they name, else with all. */
  static CommandLine commandLine(String... args) {
    CommandLine program = new CommandLine(new Linescribe());
    boolean isOne =
        args.length > 0
            && Commands.ALL.containsKey(args[0])
            && !Commands.OVER_ALL.contains(args[0]);
    Commands.ALL.forEach(
        (name, command) -> {
          if (!isOne || name.equals(args[0])) {
            program.addSubcommand(command.get());
          }
        });
    return program
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
