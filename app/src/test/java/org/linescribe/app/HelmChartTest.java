package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;
import org.springframework.boot.convert.DurationStyle;
import org.yaml.snakeyaml.Yaml;

/**
 * The chart, rendered by helm with each of its {@code ci/} values, and its objects held to
 * Kubernetes' own schemas, with no unknown member.
 */
@NeedsTool({Tool.HELM, Tool.PYTHON_VENV})
final class HelmChartTest {
  private static final Path OPS = ProjectFiles.root().resolve("ops");
  private static final Path CHART = OPS.resolve("helm/linescribe");
  private static final String RELEASE = "linescribe";

  @TempDir Path work;

  static List<Path> values() throws Exception {
    try (Stream<Path> files = Files.list(CHART.resolve("ci"))) {
      return files.sorted().toList();
    }
  }

  private ProgramRun helm(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(PythonClients.helm()));
    command.addAll(List.of(arguments));
    return ProgramRun.of(work, command, Map.of("HOME", work.toString()));
  }

  private String rendered(Path values) throws Exception {
    return helm("template", RELEASE, CHART.toString(), "--values", values.toString())
        .succeeded()
        .output();
  }

  private void validate(Path objects) throws Exception {
    // The oldest version that is still served by anybody, and the newest that the schemas know.
    for (String version : List.of("1.29", "1.34")) {
      ProgramRun checked =
          ProgramRun.of(
              work,
              List.of(
                  PythonClients.kubernetesPython(),
                  "-m",
                  "kubernetes_validate",
                  "--strict",
                  "-k",
                  version,
                  objects.toString()));
      checked.succeeded();
      assertThat(checked.output()).contains("passed for resource");
    }
  }

  private static Map<String, Map<String, Object>> objects(String text) {
    Map<String, Map<String, Object>> found = new HashMap<>();
    for (Object object : new Yaml().loadAll(text)) {
      if (object != null) {
        Map<String, Object> members = members(object);
        found.put(
            members.get("kind") + "/" + members(members.get("metadata")).get("name"), members);
      }
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> members(Object object) {
    return (Map<String, Object>) object;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> items(Object list) {
    return list == null ? List.of() : (List<Object>) list;
  }

  @ParameterizedTest
  @MethodSource("values")
  void rendersObjectsThatKubernetesKnows(Path values) throws Exception {
    helm("lint", "--strict", CHART.toString(), "--values", values.toString()).succeeded();
    validate(Files.writeString(work.resolve("objects.yaml"), rendered(values)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rtp.ports=20000",
        "sip.port=0",
        "ipFamily=6",
        "nonsense=1",
        "drain.wait=soon",
        "settings.mysql=x",
        "networkPolicy.pbx={everybody}"
      })
  void refusesValuesThatMeanNothing(String value) throws Exception {
    ProgramRun run = helm("template", RELEASE, CHART.toString(), "--set", value);
    assertThat(run.status()).as(run.output()).isNotZero();
    assertThat(run.output()).contains("don't meet the specifications of the schema");
  }

  @Test
  void aPodInTheHostNetworkIsAloneOnItsNodeAndOneInThePodNetworkIsNot() throws Exception {
    assertThat(podSpec("host-network")).containsKey("affinity").containsEntry("hostNetwork", true);
    assertThat(podSpec("pod-network")).doesNotContainKey("affinity");
  }

  @Test
  void anIpv6AddressStandsInBracketsBeforeItsPort() throws Exception {
    assertThat(arguments("ipv6")).contains("--http=[::]:8000", "--sip=[$(POD_IP)]:5060");
    assertThat(arguments("pod-network")).contains("--http=0.0.0.0:8000", "--sip=$(POD_IP):5060");
  }

  private List<Object> arguments(String values) throws Exception {
    return items(members(items(podSpec(values).get("containers")).getFirst()).get("args"));
  }

  @Test
  void aLargeNumberIsNoPowerOfTen() throws Exception {
    Map<String, Object> container =
        members(items(podSpec("pod-network").get("containers")).getFirst());
    assertThat(items(container.get("env")))
        .contains(
            Map.of("name", "LINESCRIBE_TRACING_QUEUE", "value", "1000000"),
            Map.of("name", "LINESCRIBE_ASR_MAXBATCH", "value", "8"));
  }

  @Test
  void aPodIsProbedAndDrainsBeforeItIsKilled() throws Exception {
    Map<String, Object> container = container("pod-network");
    assertThat(httpGet(container, "startupProbe")).containsEntry("path", "/health/live");
    assertThat(httpGet(container, "livenessProbe")).containsEntry("path", "/health/live");
    assertThat(httpGet(container, "readinessProbe"))
        .as("a full gateway is not ready, and is not killed for it")
        .containsEntry("path", "/health/ready");
    assertThat(items(container.get("ports")))
        .extracting(port -> members(port).get("name"))
        .contains(httpGet(container, "readinessProbe").get("port"));

    List<Object> sleep =
        items(
            members(members(members(container.get("lifecycle")).get("preStop")).get("exec"))
                .get("command"));
    assertThat(sleep.getFirst()).isEqualTo("sleep");
    String drain = "--set=linescribe.call.drain-wait=";
    Duration wait =
        items(container.get("args")).stream()
            .map(String::valueOf)
            .filter(argument -> argument.startsWith(drain))
            .map(argument -> DurationStyle.detectAndParse(argument.substring(drain.length())))
            .findFirst()
            .orElseThrow();
    int grace = (int) podSpec("pod-network").get("terminationGracePeriodSeconds");
    assertThat(wait.toSeconds() + Integer.parseInt(String.valueOf(sleep.getLast())))
        .as("what a stop takes, against what Kubernetes gives it")
        .isLessThan(grace);
  }

  private Map<String, Object> container(String values) throws Exception {
    return members(items(podSpec(values).get("containers")).getFirst());
  }

  private static Map<String, Object> httpGet(Map<String, Object> container, String probe) {
    return members(members(container.get(probe)).get("httpGet"));
  }

  @Test
  void aPasswordIsTakenFromASecretAndStandsInNoObject() throws Exception {
    assertThat(items(container("host-network").get("env")))
        .contains(
            Map.of(
                "name",
                "LINESCRIBE_MYSQL_PASSWORD",
                "valueFrom",
                Map.of("secretKeyRef", Map.of("name", "linescribe", "key", "mysql-password"))));
    for (Path values : values()) {
      assertThat(objects(rendered(values)).keySet()).noneMatch(key -> key.startsWith("Secret/"));
    }
  }

  @Test
  void fewPodsAreDisturbedAtOnceAndThePolicyOpensThePortsOfMedia() throws Exception {
    Map<String, Map<String, Object>> objects =
        objects(rendered(CHART.resolve("ci/pod-network-values.yaml")));
    Map<String, Object> budget = members(objects.get("PodDisruptionBudget/" + RELEASE).get("spec"));
    assertThat(budget).containsEntry("maxUnavailable", "25%");
    Map<String, Object> set = members(objects.get("StatefulSet/" + RELEASE).get("spec"));
    assertThat(budget.get("selector")).isEqualTo(set.get("selector"));
    assertThat(set).as("the autoscaler's to say").doesNotContainKey("replicas");

    assertThat(arguments("pod-network")).contains("--rtp-ports=40000-40199");
    Map<String, Object> pbx =
        members(
            items(members(objects.get("NetworkPolicy/" + RELEASE).get("spec")).get("ingress"))
                .getFirst());
    assertThat(items(pbx.get("ports")))
        .contains(Map.of("protocol", "UDP", "port", 40000, "endPort", 40199));
  }

  private Map<String, Object> podSpec(String values) throws Exception {
    Map<String, Object> set =
        objects(rendered(CHART.resolve("ci/" + values + "-values.yaml")))
            .get("StatefulSet/" + RELEASE);
    return members(members(members(set.get("spec")).get("template")).get("spec"));
  }

  @Test
  void nobodyReachesAGatewayWhoseSourcesAreNotNamed() throws Exception {
    Map<String, Object> policy =
        objects(rendered(CHART.resolve("ci/closed-values.yaml"))).get("NetworkPolicy/" + RELEASE);
    Map<String, Object> spec = members(policy.get("spec"));
    assertThat(items(spec.get("policyTypes"))).containsExactly("Ingress");
    // A rule with an empty list of sources would let in all of them.
    assertThat(items(spec.get("ingress"))).isEmpty();
  }

  @Test
  void theIngressLeadsToAServiceAndAPortOfTheChart() throws Exception {
    Path ingress = OPS.resolve("proxy/ingress.yaml");
    validate(ingress);
    Map<String, Object> object = objects(Files.readString(ingress)).get("Ingress/" + RELEASE);
    Map<String, Object> rule = members(items(members(object.get("spec")).get("rules")).getFirst());
    Map<String, Object> path = members(items(members(rule.get("http")).get("paths")).getFirst());
    Map<String, Object> backend = members(members(path.get("backend")).get("service"));

    Map<String, Object> service =
        objects(rendered(CHART.resolve("ci/host-network-values.yaml")))
            .get("Service/" + backend.get("name"));
    assertThat(service).as("the service " + backend.get("name")).isNotNull();
    assertThat(items(members(service.get("spec")).get("ports")))
        .extracting(port -> members(port).get("name"))
        .contains(members(backend.get("port")).get("name"));
  }

  @Test
  void settingsAreOnesThatTheGatewayHas() throws Exception {
    List<String> known =
        SettingsReference.entries(SettingsReference.records()).stream()
            .map(entry -> Settings.environmentName(entry.key()))
            .toList();
    for (Path values : values()) {
      Map<String, Object> set = objects(rendered(values)).get("StatefulSet/" + RELEASE);
      Map<String, Object> pod =
          members(members(members(set.get("spec")).get("template")).get("spec"));
      Map<String, Object> container = members(items(pod.get("containers")).getFirst());
      assertThat(items(container.get("env")))
          .extracting(variable -> String.valueOf(members(variable).get("name")))
          .filteredOn(name -> name.startsWith("LINESCRIBE_"))
          .isSubsetOf(known);
    }
  }
}
