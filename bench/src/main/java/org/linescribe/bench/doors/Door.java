package org.linescribe.bench.doors;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One door's clients. */
sealed interface Door permits AudioDoor, FilesDoor, SocketIoDoor, StreamDoor {
  /** As the command line names it. */
  String name();

  /** Runs all clients at once, to their ends. */
  void load(Target target, List<Speech> speeches, Figures figures) throws Exception;

  /** What a client without manners sends on a plain TCP connection. */
  Nuisance.Manners manners(Speech speech);

  /**
   * Whom the clients call.
   *
   * @param root the project's folder
   * @param scratch for files of the run
   */
  record Target(HttpClient client, String host, Path root, Path scratch) {
    String http(String path) {
      return "http://" + host + path;
    }

    String ws(String path) {
      return "ws://" + host + path;
    }
  }

  /** The clients of a run begin one after the other within this time. */
  Duration RAMP = Duration.ofSeconds(2);

  /** How long a client waits for what is owed to it after its last word. */
  Duration PATIENCE = Duration.ofSeconds(40);

  static Map<String, Door> all() {
    return Map.of(
        "transcribe", new StreamDoor(StreamDoor.Kind.TRANSCRIBE),
        "stt", new StreamDoor(StreamDoor.Kind.STT),
        "audio", new AudioDoor(),
        "socketio", new SocketIoDoor(),
        "files", new FilesDoor());
  }
}
