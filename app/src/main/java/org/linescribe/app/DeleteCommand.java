package org.linescribe.app;

import java.io.PrintWriter;
import java.util.List;
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
      "Erases a session: its transcript and calls in the database, what Redis has of it, and what",
      "each node has on its disk. Cannot be undone. Any node may be asked; one that is away now",
      "deletes what it has when it is back."
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

  @Option(
      names = "--check",
      description =
          "deletes nothing: tells which nodes have done it, and which have it still to do")
  boolean check;

  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    try {
      String path = "/sessions/" + GatewayClient.segment(session);
      JsonNode state =
          check
              ? gateway.get(path + "/erasure")
              : gateway.delete(path + (unended ? "?unended=true" : ""));
      PrintWriter out = command.commandLine().getOut();
      if (!check) {
        out.printf(
            "%s: %d segments and %d recordings are erased%n",
            session, state.path("segments").asLong(), state.path("recordings").asInt());
      }
      tell(state, out);
      return 0;
    } catch (GatewayClient.RefusedException | IllegalArgumentException refused) {
      command.commandLine().getErr().println("linescribe delete: " + refused.getMessage());
      return refused instanceof GatewayClient.RefusedException e && e.status() != 0
          ? NOT_ERASED
          : Linescribe.USAGE;
    }
  }

  /** Where it is done, unless one node was the whole of it. */
  private void tell(JsonNode state, PrintWriter out) {
    List<String> done = names(state.path("done_nodes"));
    List<String> pending = names(state.path("pending_nodes"));
    if (check || done.size() + pending.size() > 1) {
      done.forEach(node -> out.printf("  done on %s%n", node));
      pending.forEach(node -> out.printf("  still to be done on %s, when it is there%n", node));
    }
  }

  private static List<String> names(JsonNode nodes) {
    return nodes.valueStream().map(JsonNode::asString).toList();
  }
}
