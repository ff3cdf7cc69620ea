package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.json.JsonMapper;

/** Prometheus' own tool on the alerts, with series of two nodes, one of which is in trouble. */
@NeedsTool(Tool.PROMTOOL)
final class AlertRulesTest {
  private static final Path OPS = ProjectFiles.root().resolve("ops");

  private static ProgramRun promtool(String... arguments) throws Exception {
    return ProgramRun.of(
        OPS, Stream.concat(Stream.of(Tool.PROMTOOL.path()), Stream.of(arguments)).toList());
  }

  @Test
  void theConfigurationAndItsRulesAreSound() throws Exception {
    promtool("check", "config", "prometheus.yml").succeeded();
  }

  /** As rules, which promtool parses: a panel whose expression is broken stays empty. */
  @Test
  void everyExpressionOfTheDashboardIsOneThatPrometheusParses(@TempDir Path work) throws Exception {
    List<String> expressions =
        JsonMapper.shared()
            .readTree(Files.readString(OPS.resolve("grafana/dashboards/linescribe.json")))
            .findValuesAsString("expr");
    assertThat(expressions).hasSizeGreaterThan(10);
    StringBuilder rules = new StringBuilder("groups: [{name: dashboard, rules: [\n");
    for (int i = 0; i < expressions.size(); i++) {
      String expression =
          expressions.get(i).replace("$__rate_interval", "5m").replace("$instance", ".*");
      assertThat(expression).as("a variable that the test does not know").doesNotContain("$");
      rules.append("  {record: 'panel:").append(i).append("', expr: ");
      rules.append(JsonMapper.shared().writeValueAsString(expression)).append("},\n");
    }
    Path file = Files.writeString(work.resolve("panels.yml"), rules.append("]}]\n"));

    ProgramRun run = promtool("check", "rules", file.toString());
    run.succeeded();
    assertThat(run.output()).contains(expressions.size() + " rules found");
  }

  @Test
  void eachAlertFiresForTheNodeInTroubleAndForNoOther() throws Exception {
    promtool("test", "rules", "alerts.test.yml").succeeded();
    String tests = Files.readString(OPS.resolve("alerts.test.yml"));
    List<String> alerts =
        Pattern.compile("alert: (\\w+)")
            .matcher(Files.readString(OPS.resolve("alerts.yml")))
            .results()
            .map(alert -> alert.group(1))
            .toList();
    assertThat(alerts)
        .isNotEmpty()
        .allSatisfy(
            alert ->
                assertThat(tests).containsPattern("alertname: " + alert + "\\n +exp_alerts:\\n"));
  }
}
