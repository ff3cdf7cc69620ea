package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.Tool;

/** {@code linescribe migrate} and {@code completion}. */
final class MaintenanceCommandsTest {
  @TempDir Path data;
  private final CommandRun run = new CommandRun();

  @Test
  void laysTheSchemaAndEndsAndLeavesTheDatabaseToItsUser() {
    assertThat(run.of("migrate", "--data", data.toString())).as(run.err.toString()).isZero();
    assertThat(run.of("migrate", "--data", data.toString())).as("once more").isZero();

    try (SqlSegmentStore used = SqlSegmentStore.embedded(data.resolve("db"))) {
      assertThat(used.isReachable()).isTrue();
      assertThat(run.of("migrate", "--mysql", "jdbc:mysql://127.0.0.1:1/x?connectTimeout=200"))
          .isEqualTo(1);
    }
    assertThat(run.err.toString()).contains("linescribe.mysql.url: the database does not answer");
    assertThat(run.of("migrate", "--set", "linescribe.nothing=1")).isEqualTo(2);
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    assertThat(run.of("completion", "bash")).isZero();
    Path script = Files.writeString(data.resolve("completion"), run.out.toString());

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

  /** In a terminal, as its user types. */
  @NeedsTool(Tool.ZSH)
  @Test
  void zshCompletesCommandsAndOptions() throws Exception {
    assertThat(run.of("completion", "zsh")).isZero();
    Path script = Files.writeString(data.resolve("completion"), run.out.toString());
    Path typed =
        Files.writeString(
            data.resolve("typed"),
            """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "PROMPT= RPROMPT=; source $1; print comp''letes"
            zpty -r shell out '*completes*'
            zpty -w -n shell $'linescribe lo\t'
            zpty -r shell out '*linescribe load*'
            print -r -- 'a command'
            zpty -w -n shell $'--find\t'
            zpty -r shell out '*-limit*'
            print -r -- 'an option'
            zpty -d shell
            """);

    ProgramRun completed =
        ProgramRun.of(data, List.of(Tool.ZSH.path(), "-f", typed.toString(), script.toString()))
            .succeeded();

    assertThat(completed.lines()).containsExactly("a command", "an option");
  }
}
