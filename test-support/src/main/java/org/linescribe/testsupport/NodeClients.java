package org.linescribe.testsupport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Node's clients of the public registry: eventsource, socket.io-client and ws, and React with a
 * bundler, locked with hashes. Node and npm are prerequisites of the build.
 */
public final class NodeClients {
  private NodeClients() {}

  /** The folder that {@code require} finds them in, for {@code NODE_PATH}. */
  public static Path modules() throws IOException, InterruptedException {
    return ClientFolder.of("node", NodeClients::install, "package-lock.json")
        .resolve("node_modules");
  }

  /** Runs a script of Node in which {@code require} finds the clients. */
  public static ProgramRun run(Path folder, Path script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node", script.toString()));
    command.addAll(List.of(arguments));
    return ProgramRun.of(folder, command, Map.of("NODE_PATH", modules().toString()));
  }

  private static void install(Path folder) throws IOException, InterruptedException {
    for (String file : List.of("package.json", "package-lock.json", ".npmrc")) {
      Files.copy(
          ClientFolder.source(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    // A cache of its own: the home may be read-only.
    ProgramRun.of(
            folder,
            List.of("npm", "ci"),
            Map.of("npm_config_cache", ProjectFiles.target().resolve("npm-cache").toString()))
        .succeeded();
  }
}
