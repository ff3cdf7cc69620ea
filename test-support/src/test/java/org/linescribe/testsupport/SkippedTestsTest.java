package org.linescribe.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkippedTestsTest {
  @TempDir Path folder;

  @Test
  void saysNothingWhereEveryTestRan() throws Exception {
    assertThat(new SkippedTests(folder.resolve("none")).summary()).isEmpty();
  }

  @Test
  void namesOnceInOneLineWhatWasSkippedAndWhatBringsIt() throws Exception {
    SkippedTests skipped = new SkippedTests(folder.resolve("build"));
    skipped.add(new SkippedTest("SippCallTest", List.of(Tool.SIPP, Tool.PYTHON)));
    skipped.add(new SkippedTest("PagesTest.draws", List.of(Tool.CHROMIUM)));
    skipped.add(new SkippedTest("PagesTest.draws", List.of(Tool.CHROMIUM)));
    skipped.add(new SkippedTest("MySqlSegmentStoreTest", List.of(Tool.DOCKER)));

    assertThat(skipped.summary())
        .contains(
            "Skipped for missing tools: MySqlSegmentStoreTest, PagesTest.draws, SippCallTest; to"
                + " run them: apt-get install chromium python3 sip-tester; no package brings"
                + " DOCKER");
  }
}
