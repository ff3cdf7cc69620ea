package org.linescribe.api.access;

import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code linescribe keys new}. Exit status: 0 done, 2 usage. */
@Command(
    name = "keys",
    description = "Makes API keys.",
    mixinStandardHelpOptions = true,
    subcommands = KeysCommand.New.class)
public final class KeysCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }

  /** {@code linescribe keys new [NAME]}. The key is shown and kept nowhere; its hash is to be. */
  @Command(
      name = "new",
      description = "Makes a key and shows it, its hash and the setting that lets it in.",
      mixinStandardHelpOptions = true)
  static final class New implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
        paramLabel = "NAME",
        arity = "0..1",
        defaultValue = "default",
        description = "Whose key it is, for logs and metrics (default: ${DEFAULT-VALUE}).")
    private String name = "default";

    @Override
    public Integer call() {
      CommandSpec own = Objects.requireNonNull(spec);
      String key = ApiKey.random(new SecureRandom());
      String hash = HexFormat.of().formatHex(ApiKey.sha256(key));
      try {
        new AccessSettings.Key(name, hash, null, null, null, Set.of());
      } catch (IllegalArgumentException e) {
        throw new ParameterException(own.commandLine(), e.getMessage(), e);
      }
      PrintWriter out = own.commandLine().getOut();
      out.println("key:    " + key);
      out.println("sha256: " + hash);
      out.println();
      out.println("The key is for the caller and is shown only now. The gateway gets the hash:");
      out.println();
      out.println("linescribe:");
      out.println("  access:");
      out.println("    keys:");
      out.println("      - name: " + name);
      out.println("        sha256: " + hash);
      out.println();
      out.println("The caller sends: Authorization: Bearer KEY, or X-API-Key: KEY, or, from a");
      out.println("browser's WebSocket or EventSource, ?access_token=KEY");
      out.flush();
      return 0;
    }
  }
}
