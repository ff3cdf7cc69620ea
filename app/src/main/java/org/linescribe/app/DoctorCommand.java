package org.linescribe.app;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code linescribe doctor}: what on this machine would keep a gateway from its work. */
@Command(
    name = "doctor",
    description = {
      "Checks this machine for a gateway with the given settings: Java, folders, ports, addresses,",
      "keys, FFmpeg, the model and its speed, the database, the clock against it, and Redis. Says",
      "what is wrong and what to do."
    },
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    footer = {"", "Exit status: 0 nothing is wrong, 1 something is, 2 wrong usage."})
final class DoctorCommand implements Callable<Integer> {
  private static final int SOMETHING_WRONG = 1;

  @Mixin ServeOptions options = new ServeOptions();

  @Spec CommandSpec command = CommandSpec.create();

  /** How a check ended. */
  enum Verdict {
    OK("ok  "),
    WARNING("warn"),
    WRONG("FAIL");

    private final String shown;

    Verdict(String shown) {
      this.shown = shown;
    }
  }

  /**
   * What a check found.
   *
   * @param remedy what to do; empty where nothing is to be done
   */
  record Finding(Verdict verdict, String what, String found, String remedy) {
    static Finding ok(String what, String found) {
      return new Finding(Verdict.OK, what, found, "");
    }

    static Finding warning(String what, String found, String remedy) {
      return new Finding(Verdict.WARNING, what, found, remedy);
    }

    static Finding wrong(String what, String found, String remedy) {
      return new Finding(Verdict.WRONG, what, found, remedy);
    }
  }

  @Override
  public Integer call() {
    // What the parts log of a failure is said better by the finding.
    LoggingSystem.get(DoctorCommand.class.getClassLoader())
        .setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.OFF);
    PrintWriter out = command.commandLine().getOut();
    List<String> arguments = options.arguments();
    Verdict worst = Verdict.OK;
    for (Finding finding : findings(arguments)) {
      out.printf("%s  %-11s %s%n", finding.verdict().shown, finding.what(), finding.found());
      if (!finding.remedy().isEmpty()) {
        out.printf("                  → %s%n", finding.remedy());
      }
      worst = finding.verdict().compareTo(worst) > 0 ? finding.verdict() : worst;
    }
    out.flush();
    return worst == Verdict.WRONG ? SOMETHING_WRONG : 0;
  }

  private static List<Finding> findings(List<String> arguments) {
    CheckedSettings checked;
    try {
      checked = CheckedSettings.of(arguments);
    } catch (RuntimeException fault) {
      return List.of(
          Finding.wrong(
              "settings",
              StartFailureReporter.usersFault(fault).orElseGet(() -> fault.toString()),
              "mend it; linescribe settings lists what there is"));
    }
    return new MachineChecks(checked).all();
  }
}
