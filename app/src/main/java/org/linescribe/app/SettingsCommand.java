package org.linescribe.app;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code linescribe settings}: every setting with its default, range and meaning. */
@Command(
    name = "settings",
    description = "Lists every setting with its default, range and meaning.",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class)
final class SettingsCommand implements Callable<Integer> {
  @Spec CommandSpec command = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "TEXT",
      description = "only keys that contain it, e.g. linescribe.rtp",
      defaultValue = "")
  String text = "";

  @Override
  public Integer call() {
    List<SettingsReference.Entry> entries =
        SettingsReference.entries(SettingsReference.records()).stream()
            .filter(entry -> entry.key().contains(text))
            .toList();
    if (entries.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "'" + text + "' (expected: part of a key)");
    }
    for (SettingsReference.Entry entry : entries) {
      String range = entry.range().isEmpty() ? "" : "   (" + entry.range() + ")";
      System.out.printf(
          "%s = %s%s%n    %s%n", entry.key(), entry.byDefault(), range, entry.meaning());
    }
    return 0;
  }
}
