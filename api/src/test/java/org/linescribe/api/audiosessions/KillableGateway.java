package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** This API in a process of its own, to be killed; it prints its port and ends with its input. */
final class KillableGateway {
  private KillableGateway() {}

  public static void main(String[] arguments) throws IOException {
    // With a key, recordings are encrypted.
    EncryptedStore.KEYS.set(arguments.length > 1 ? arguments[1] : "");
    try (AudioSessionsServer server =
        new AudioSessionsServer(Path.of(arguments[0]), Map.of(), EncryptedStore.class)) {
      // As Spring's own hook does, beside that of FFmpeg.
      Runtime.getRuntime().addShutdownHook(new Thread(server::stop));
      System.out.println("port " + server.server().port());
      System.out.flush();
      while (System.in.read() >= 0) {
        // Lives until it is killed or its input ends.
      }
    }
  }
}
