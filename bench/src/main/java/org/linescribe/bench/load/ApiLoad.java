package org.linescribe.bench.load;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One API's clients. */
sealed interface ApiLoad
    permits AudioSessionsLoad, FilesLoad, ProtocolLoad, SocketIoLoad, StreamLoad {
  /** As the command line names it. */
  String name();

  /** Runs all clients at once, to their ends. */
  void load(Target target, List<Speech> speeches, Figures figures) throws Exception;

  /** What a client without manners sends on a plain TCP connection. */
  Nuisance.Manners manners(Speech speech);

  /**
   * Whom the clients call.
   *
   * @param audioSocketPort where AudioSocket listens
   * @param root the project's folder
   * @param scratch for files of the run
   */
  record Target(HttpClient client, String host, int audioSocketPort, Path root, Path scratch) {
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

  static Map<String, ApiLoad> all() {
    Map<String, ApiLoad> all = new HashMap<>();
    all.put("transcribe", new StreamLoad(StreamLoad.Kind.TRANSCRIBE));
    all.put("stt", new StreamLoad(StreamLoad.Kind.STT));
    all.put("audio", new AudioSessionsLoad());
    all.put("socketio", new SocketIoLoad());
    all.put("files", new FilesLoad());
    for (Protocol protocol : Protocol.values()) {
      all.put(protocol.word(), new ProtocolLoad(protocol));
    }
    return all;
  }
}
