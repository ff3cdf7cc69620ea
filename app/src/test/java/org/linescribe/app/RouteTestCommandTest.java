package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.linescribe.testsupport.ProjectFiles;

class RouteTestCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    List<String> all = new ArrayList<>();
    all.add("route-test");
    all.addAll(List.of(arguments));
    return Linescribe.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  private static String example() {
    return "--config=" + ProjectFiles.root().resolve("sip-config/line.yaml");
  }

  @Test
  void showsTheTrunkTheRuleAndWhatTheCallGets() {
    assertThat(run(example(), "--to", "+493012345", "--address", "192.0.2.7")).isZero();

    assertThat(out.toString())
        .contains(
            "trunk            carrier",
            "route            number 1",
            "language         de-DE",
            "endpoint-silence 600ms",
            "record           yes",
            "insights         entities,summary");
  }

  @Test
  void toldByTheDomainACallMeetsTheRuleOfItsTrunk() {
    assertThat(run(example(), "--to", "101@pbx.example.com")).isZero();

    assertThat(out.toString())
        .contains("trunk            phones", "route            number 2", "insights         none");
  }

  @Test
  void aCallThatARuleRefusesIsRefused() {
    assertThat(run(example(), "--to", "+331", "--address", "192.0.2.7")).isEqualTo(1);
    assertThat(out.toString()).contains("refused: 403 Refused by a routing rule");
  }

  @Test
  void aStrangersCallIsRefused() {
    assertThat(run(example(), "--to", "+4930", "--address", "203.0.113.1")).isEqualTo(1);
    assertThat(out.toString()).contains("refused: 403 Unknown caller");
  }

  @Test
  void withoutSettingsEveryCallGetsTheDefaults() {
    assertThat(run("--to", "+4930")).isZero();
    assertThat(out.toString()).contains("none (a stranger's call)", "none matches: defaults");
  }

  @Test
  void aWrongRuleIsToldByItsKey() {
    assertThat(run("--to", "1", "--set", "linescribe.line.routes[0].langage=de"))
        .isEqualTo(Linescribe.USAGE);
    assertThat(err.toString()).contains("linescribe.line.routes[0].langage: unknown setting");
    assertThat(run("--to", "1", "--set", "linescribe.line.routes[0].trunk=nobody"))
        .isEqualTo(Linescribe.USAGE);
    assertThat(err.toString()).contains("linescribe.line.routes.trunk: 'nobody' (expected: the");
    assertThat(run("--to", "1", "--set", "linescribe.line.routes[0].insights=summary,mood"))
        .isEqualTo(Linescribe.USAGE);
    assertThat(err.toString())
        .contains(
            "linescribe.line.routes.insights: 'summary,mood' (expected: true, false, or some of"
                + " translation, entities, classification, qa, summary)");
    assertThat(run("--to", "1", "--address", "pbx")).isEqualTo(Linescribe.USAGE);
    assertThat(err.toString()).contains("--address: 'pbx' (expected: an IP address)");
  }
}
