package org.linescribe.app;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
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

  /** Made when they are needed: reading the annotations of all takes a tenth of a start. */
  private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

  /** Those that look at all others. */
  private static final Set<String> OVER_ALL = Set.of("completion", "help");

  static {
    COMMANDS.put("demo", DemoCommand::new);
    COMMANDS.put("serve", ServeCommand::new);
    COMMANDS.put("call", CallCommand::new);
    COMMANDS.put("load", LoadCommand::new);
    COMMANDS.put("models", ModelsCommand::new);
    COMMANDS.put("keys", KeysCommand::new);
    COMMANDS.put("settings", SettingsCommand::new);
    COMMANDS.put("config", ConfigCommand::new);
    COMMANDS.put("doctor", DoctorCommand::new);
    COMMANDS.put("route-test", RouteTestCommand::new);
    COMMANDS.put("export", ExportCommand::new);
    COMMANDS.put("delete", DeleteCommand::new);
    COMMANDS.put("migrate", MigrateCommand::new);
    COMMANDS.put("completion", CompletionCommand::new);
    // No method reference: the JVM fails to lay out one to a class of this library in its cache.
    COMMANDS.put("help", () -> new CommandLine.HelpCommand());
  }

  private Linescribe() {}

  public static void main(String[] args) {
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
    boolean isOne = args.length > 0 && COMMANDS.containsKey(args[0]) && !OVER_ALL.contains(args[0]);
    COMMANDS.forEach(
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
