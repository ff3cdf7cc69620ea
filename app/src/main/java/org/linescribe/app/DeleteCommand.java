package org.linescribe.app;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code linescribe delete SESSION}: erasure by the running gateway. */
@Command(
    name = "delete",
    description = {
      "Erases a session: its transcript and calls in the database, what Redis has of it, and its",
      "recordings on the node that is asked. Cannot be undone. In a fleet ask every node: each",
      "deletes its own recordings."
    },
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    footer = {
      "",
      "Exit status: 0 erased, 1 there is no such session or it is open, 2 no gateway answers."
    })
final class DeleteCommand implements Callable<Integer> {
  private static final int NOT_ERASED = 1;

  @Mixin GatewayClient gateway = new GatewayClient();

  @Parameters(paramLabel = "SESSION", description = "id of the session")
  String session = "";

  @Option(
      names = "--unended",
      description = "also where nobody wrote its end, because its gateway was killed")
  boolean unended;

  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    try {
      JsonNode erased =
          gateway.delete(
              "/sessions/" + GatewayClient.segment(session) + (unended ? "?unended=true" : ""));
      command
          .commandLine()
          .getOut()
          .printf(
              "%s: %d segments and %d recordings are erased%n",
              session, erased.path("segments").asLong(), erased.path("recordings").asInt());
      return 0;
    } catch (GatewayClient.RefusedException | IllegalArgumentException refused) {
      command.commandLine().getErr().println("linescribe delete: " + refused.getMessage());
      return refused instanceof GatewayClient.RefusedException e && e.status() != 0
          ? NOT_ERASED
          : Linescribe.USAGE;
    }
  }
}
