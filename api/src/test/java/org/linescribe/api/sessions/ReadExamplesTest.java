package org.linescribe.api.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.BreakingRelay;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.JavaProgram;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;

/** The example programs that follow a session, each over a connection that breaks. */
class ReadExamplesTest {
  @TempDir private static Path folder;
  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private interface Program {
    ProgramRun run(String address) throws Exception;
  }

  /**
   * @param path with the session's id in the place of {id}
   * @param line what a line says of a final, as {@code 1 text}
   */
  private static void readsEachFinalOnce(
      String sessionId, String path, Program program, UnaryOperator<String> line) throws Exception {
    FakeSession session = sessions.session(sessionId);
    session.ends("one");
    session.ends("two");
    try (BreakingRelay relay = BreakingRelay.afterReceiving(server.port(), "two")) {
      CompletableFuture<Void> rest =
          CompletableFuture.runAsync(
              () -> {
                await().until(() -> relay.connections() == 2);
                session.ends("three");
                // For a reader that comes again only now, too.
                session.ended("bye");
                session.announceEnd("bye");
              });
      ProgramRun run =
          program.run("127.0.0.1:" + relay.port() + path.replace("{id}", sessionId)).succeeded();

      assertThat(rest).succeedsWithin(Patience.LIMIT);
      assertThat(run.lines().stream().map(line).filter(said -> !said.isEmpty()))
          .containsExactly("1 one", "2 two", "3 three");
    }
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void inPython() throws Exception {
    readsEachFinalOnce(
        "python",
        "/ws/subscribe/{id}",
        address ->
            ProgramRun.of(
                folder,
                List.of(
                    PythonClients.python(),
                    ProjectFiles.example("read.py").toString(),
                    "ws://" + address)),
        line -> line.strip().replace(" caller:", ""));
  }

  @Test
  void inJavaScript() throws Exception {
    readsEachFinalOnce(
        "node",
        "/sessions/{id}/events",
        address ->
            NodeClients.run(
                folder, ProjectFiles.example("session-events.cjs"), "http://" + address),
        line -> line.startsWith("final ") ? line.substring("final ".length()) : "");
  }

  @Test
  void inJava() throws Exception {
    readsEachFinalOnce(
        "java",
        "/sessions/{id}/events",
        address ->
            JavaProgram.run(
                folder, ProjectFiles.example("ReadTranscript.java"), "http://" + address),
        line ->
            line.startsWith("{")
                ? json(line).get("seq") + " " + json(line).get("text").asString()
                : "");
  }
}
