package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;

/** python-socketio, a second implementation of the client beside the JavaScript one. */
@NeedsTool(Tool.PYTHON_VENV)
class PythonSocketIoTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"polling", "websocket"})
  void bringsEveryByteIntoTheFile(String transport) throws Exception {
    byte[] audio = SocketIoServer.noise(50_000, 3);
    Path file = Files.write(folder.resolve("audio"), audio);
    // A client that polls leaves when its poll returns, at the next ping.
    Map<String, Object> settings = Map.of("linescribe.socketio.ping-interval", "3s");
    try (SocketIoServer gateway = new SocketIoServer(folder, settings)) {
      ProgramRun ran =
          ProgramRun.of(
                  folder,
                  List.of(
                      PythonClients.python(),
                      ProjectFiles.example("socketio-recording.py").toString(),
                      gateway.server().http(""),
                      file.toString(),
                      transport))
              .succeeded();

      assertThat(ran.lines().getFirst()).contains("Connected to server");
      String url = ran.lines().getLast().replace("result_file_path ", "");
      String id = url.replaceFirst(".*/static/audio/(.*)\\.wav", "$1");
      assertThat(gateway.pcm(id)).isEqualTo(audio);
    }
  }
}
