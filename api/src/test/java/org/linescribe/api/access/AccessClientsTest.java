package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.access.KeyedServer.KEY;
import static org.linescribe.api.access.KeyedServer.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.NodeClients;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;

/** WebSocket clients that nobody here wrote. */
class AccessClientsTest {
  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, settings());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void letsAPythonWebSocketInWithAKeyOnly(@TempDir Path folder) throws Exception {
    sessions.session("python").ends("words");
    Files.writeString(
        folder.resolve("reader.py"),
        """
        import asyncio, sys, websockets
        uri, key = sys.argv[1], sys.argv[2]
        major = int(websockets.__version__.split(".")[0])
        headers = "additional_headers" if major >= 14 else "extra_headers"

        async def status(uri, **more):
            try:
                async with websockets.connect(uri, open_timeout=120, **more) as ws:
                    return await asyncio.wait_for(ws.recv(), 120)
            except Exception as e:
                found = getattr(e, "status_code", None)
                return found if found is not None else e.response.status_code

        async def main():
            print(await status(uri))
            print(await status(uri + "?access_token=wrong"))
            print(await status(uri, **{headers: {"Authorization": "Bearer " + key}}))
            print(await status(uri, **{headers: {"X-API-Key": key}}))
            print(await status(uri + "?access_token=" + key))
            print(await status(uri + "?access_token=" + key, origin="https://evil.example"))
            print(await status(uri + "?access_token=" + key, origin="https://crm.example"))

        asyncio.run(main())
        """);
    ProgramRun ended =
        ProgramRun.of(
            folder,
            List.of(PythonClients.python(), "reader.py", server.ws("/ws/subscribe/python"), KEY));

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.lines())
        .as(ended.output())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("401"),
            line -> assertThat(line).isEqualTo("401"),
            line -> assertThat(line).contains("\"words\""),
            line -> assertThat(line).contains("\"words\""),
            line -> assertThat(line).contains("\"words\""),
            line -> assertThat(line).isEqualTo("403"),
            line -> assertThat(line).contains("\"words\""));
  }

  @Test
  void letsANodeWebSocketInWithAKeyOnly(@TempDir Path folder) throws Exception {
    sessions.session("node").ends("words");
    Path script =
        Files.writeString(
            folder.resolve("access.cjs"),
            """
            const WebSocket = require('ws');
            const [uri, key] = process.argv.slice(2);
            const attempt = (to, options) => new Promise(resolve => {
              const ws = new WebSocket(to, options);
              ws.on('message', data => { resolve('message ' + data); ws.close(); });
              ws.on('unexpected-response', (_, response) => {
                resolve('status ' + response.statusCode + ' ' + response.headers['www-authenticate']);
                ws.terminate();
              });
              ws.on('error', () => {});
            });
            (async () => {
              console.log(await attempt(uri));
              console.log(await attempt(uri, {headers: {Authorization: 'Bearer ' + key}}));
              console.log(await attempt(uri + '?access_token=' + key));
              console.log(await attempt(uri + '?access_token=' + key, {origin: 'https://evil.example'}));
            })();
            """);
    ProgramRun ended = NodeClients.run(folder, script, server.ws("/ws/subscribe/node"), KEY);

    assertThat(ended.lines())
        .as(ended.output())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("status 401 Bearer realm=\"linescribe\""),
            line -> assertThat(line).startsWith("message ").contains("words"),
            line -> assertThat(line).startsWith("message ").contains("words"),
            line -> assertThat(line).startsWith("status 403"));
  }
}
