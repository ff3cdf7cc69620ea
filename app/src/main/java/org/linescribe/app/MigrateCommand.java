package org.linescribe.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code linescribe migrate}: lays or upgrades the schema without a start. */
@Command(
    name = "migrate",
    description = {
      "Lays or upgrades the database's schema and ends; 'serve' does the same at its start. For a",
      "rollout in which the gateway's own user may not change tables. Not while a gateway uses the",
      "embedded database."
    },
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    footer = {"", "Exit status: 0 the schema is this version's, 1 it is not, 2 wrong settings."})
final class MigrateCommand implements Callable<Integer> {
  private static final int NOT_MIGRATED = 1;

  @Mixin ServeOptions options = new ServeOptions();

  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public Integer call() {
    // What the store logs of a failure is said better below.
    LoggingSystem.get(MigrateCommand.class.getClassLoader())
        .setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.OFF);
    PrintWriter err = command.commandLine().getErr();
    Settings settings;
    try {
      settings = CheckedSettings.of(options.arguments()).settings();
    } catch (RuntimeException fault) {
      err.println(
          "linescribe migrate: "
              + StartFailureReporter.usersFault(fault).orElseGet(() -> fault.toString()));
      return Linescribe.USAGE;
    }
    try (SegmentStore store = open(settings)) {
      if (!store.isReachable()) {
        err.println("linescribe migrate: linescribe.mysql.url: the database does not answer");
        return NOT_MIGRATED;
      }
      command.commandLine().getOut().println("the schema is that of this version");
      return 0;
    } catch (IllegalStateException refused) {
      err.println("linescribe migrate: " + refused.getMessage());
      return NOT_MIGRATED;
    }
  }

  private static SegmentStore open(Settings settings) {
    return settings.optionalText("linescribe.mysql.url").isPresent()
        ? SqlSegmentStore.connect(settings.bind(SqlStoreSettings.class))
        : SqlSegmentStore.embedded(
            Path.of(settings.bind(ProgramSettings.Gateway.class).data()).resolve("db"));
  }
}
