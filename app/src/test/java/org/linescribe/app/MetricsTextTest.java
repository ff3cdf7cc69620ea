package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.testsupport.ProjectFiles;

/**
 * What {@code promtool check metrics} asks of every meter that a gateway registers at its start.
 */
class MetricsTextTest {
  private static final Path OPS = ProjectFiles.root().resolve("ops");
  private static final Pattern METRIC = Pattern.compile("\\b(linescribe|jvm|process)_[a-z_]+\\b");

  @TempDir private static Path data;
  private static String text = "";

  @BeforeAll
  static void scrape() throws Exception {
    try (TestGateway gateway = new TestGateway(data);
        HttpClient client = HttpClient.newHttpClient()) {
      URI metrics = URI.create("http://" + gateway.http() + "/metrics");
      HttpRequest request = HttpRequest.newBuilder(metrics).build();
      // The first request is counted when it is answered.
      client.send(request, HttpResponse.BodyHandlers.discarding());
      text = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  /** A dashboard or an alert on a name that nobody registers stays silent for ever. */
  @ParameterizedTest
  @ValueSource(strings = {"alerts.yml", "grafana/dashboards/linescribe.json"})
  void everyMetricThatOperatorsWatchIsThereFromTheStart(String file) throws Exception {
    Set<String> watched =
        METRIC
            .matcher(Files.readString(OPS.resolve(file)))
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(watched).hasSizeGreaterThan(6);
    watched.removeIf(name -> Pattern.compile("(?m)^" + name + "[{ ]").matcher(text).find());
    assertThat(watched).as("registered by nobody").isEmpty();
  }

  /** An autoscaler on a name that nobody registers scales nothing. */
  @Test
  void theMetricOfTheChartsAutoscalerIsThereFromTheStart() throws Exception {
    List<String> names = new ArrayList<>();
    try (Stream<Path> templates = Files.list(OPS.resolve("helm/linescribe/templates"))) {
      for (Path template : templates.toList()) {
        Pattern.compile("metric: \\{name: (\\w+)}")
            .matcher(Files.readString(template))
            .results()
            .forEach(metric -> names.add(metric.group(1)));
      }
    }
    assertThat(names).isNotEmpty();
    assertThat(names).allSatisfy(name -> assertThat(text).containsPattern("(?m)^" + name + "[{ ]"));
  }

  @Test
  void everyAlertHasItsRunbook() throws Exception {
    List<String> alerts =
        Pattern.compile("alert: (\\w+)")
            .matcher(Files.readString(OPS.resolve("alerts.yml")))
            .results()
            .map(alert -> alert.group(1))
            .toList();
    List<String> sections =
        Files.readString(ProjectFiles.root().resolve("docs/runbooks.md"))
            .lines()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3))
            .toList();

    assertThat(alerts).isNotEmpty();
    assertThat(sections).isEqualTo(alerts);
  }

  @Test
  void everyMetricHasAHelpTextAndBaseUnits() {
    List<String> names =
        text.lines().filter(l -> l.startsWith("# TYPE ")).map(l -> l.split(" ")[2]).toList();

    assertThat(names).hasSizeGreaterThan(60);
    assertThat(names)
        .allSatisfy(name -> assertThat(text).containsPattern("# HELP " + name + " \\S"))
        .allSatisfy(
            name ->
                assertThat(name)
                    .doesNotContainPattern("_(ms|ns|us|milliseconds|minutes|hours)(_|$)"));
    assertThat(text.lines().filter(l -> l.matches("# TYPE \\S+_count (gauge|counter)"))).isEmpty();
  }
}
