package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.testsupport.ProgramRun;

/** {@code linescribe migrate} and {@code completion}. */
final class MaintenanceCommandsTest {
  @TempDir Path data;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Linescribe.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void laysTheSchemaAndEndsAndLeavesTheDatabaseToItsUser() {
    assertThat(run("migrate", "--data", data.toString())).as(err.toString()).isZero();
    assertThat(run("migrate", "--data", data.toString())).as("once more").isZero();

    try (SqlSegmentStore used = SqlSegmentStore.embedded(data.resolve("db"))) {
      assertThat(used.isReachable()).isTrue();
      assertThat(run("migrate", "--mysql", "jdbc:mysql://127.0.0.1:1/x?connectTimeout=200"))
          .isEqualTo(1);
    }
    assertThat(err.toString()).contains("linescribe.mysql.url: the database does not answer");
    assertThat(run("migrate", "--set", "linescribe.nothing=1")).isEqualTo(2);
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    assertThat(run("completion", "bash")).isZero();
    Path script = Files.writeString(data.resolve("completion"), out.toString());

    ProgramRun completed =
        ProgramRun.of(
                data,
                List.of(
                    "bash",
                    "-c",
                    "source "
                        + script
                        + "; COMP_WORDS=(linescribe lo); COMP_CWORD=1; COMP_LINE='linescribe lo';"
                        + " COMP_POINT=13; _complete_linescribe 2>/dev/null; echo"
                        + " \"${COMPREPLY[@]}\"; COMP_WORDS=(linescribe load --find); COMP_CWORD=2;"
                        + " COMP_LINE='linescribe load --find'; COMP_POINT=22; _complete_linescribe"
                        + " 2>/dev/null; echo \"${COMPREPLY[@]}\""))
            .succeeded();

    assertThat(completed.lines()).containsExactly("load", "--find-limit");
  }
}
