package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;

/** The examples in {@code ops/}, read by the programs that they are for. */
final class DeploymentFilesTest {
  private static final Path OPS = ProjectFiles.root().resolve("ops");

  @TempDir Path work;

  private static String replaced(String text, String from, String to) {
    assertThat(text).contains(from);
    return text.replace(from, to);
  }

  @Test
  @NeedsTool({Tool.NGINX, Tool.OPENSSL})
  void nginxTakesItsConfiguration() throws Exception {
    ProgramRun.of(
            work,
            List.of(
                Tool.OPENSSL.path(),
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                "key.pem",
                "-out",
                "certificate.pem",
                "-days",
                "2",
                "-subj",
                "/CN=test"))
        .succeeded();
    String site = Files.readString(OPS.resolve("proxy/nginx.conf"));
    site = replaced(site, "/etc/ssl/transcripts.example.org.pem", work + "/certificate.pem");
    site = replaced(site, "/etc/ssl/private/transcripts.example.org.key", work + "/key.pem");
    site = replaced(site, "/var/log/nginx/", work + "/");
    Files.writeString(work.resolve("site.conf"), site);
    Path main =
        Files.writeString(
            work.resolve("nginx.conf"),
            """
            pid WORK/nginx.pid;
            error_log stderr;
            events {}
            http {
              client_body_temp_path WORK/body;
              proxy_temp_path WORK/proxy;
              fastcgi_temp_path WORK/fastcgi;
              uwsgi_temp_path WORK/uwsgi;
              scgi_temp_path WORK/scgi;
              include WORK/site.conf;
            }
            """
                .replace("WORK", work.toString()));

    ProgramRun.of(
            work,
            List.of(
                Tool.NGINX.path(), "-t", "-p", work + "/", "-c", main.toString(), "-e", "stderr"))
        .succeeded();
  }

  @Test
  @NeedsTool(Tool.CADDY)
  void caddyTakesItsConfiguration() throws Exception {
    ProgramRun.of(
            work,
            List.of(
                Tool.CADDY.path(),
                "validate",
                "--adapter",
                "caddyfile",
                "--config",
                OPS.resolve("proxy/Caddyfile").toString()),
            Map.of("HOME", work.toString(), "XDG_DATA_HOME", work.toString()))
        .succeeded();
  }

  @Test
  @NeedsTool(Tool.DOCKER_COMPOSE)
  void composeTakesItsFileAndAsksForThePasswords() throws Exception {
    List<String> command =
        List.of(Tool.DOCKER_COMPOSE.path(), "-f", OPS.resolve("compose.yaml").toString(), "config");
    ProgramRun run =
        ProgramRun.of(
            work,
            command,
            Map.of("LINESCRIBE_DB_PASSWORD", "one", "LINESCRIBE_GRAFANA_PASSWORD", "two"));
    run.succeeded();
    assertThat(run.output()).contains("linescribe:", "mysql:", "redis:", "prometheus:", "grafana:");
    assertThat(ProgramRun.of(work, command, Map.of()).status()).isNotZero();
  }
}
