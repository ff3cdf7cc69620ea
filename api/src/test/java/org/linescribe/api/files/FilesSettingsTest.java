package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class FilesSettingsTest {
  @EnableConfigurationProperties(FilesSettings.class)
  static class Context {}

  private static @Nullable Path directory(String... properties) {
    @Nullable Path[] bound = new Path[1];
    new ApplicationContextRunner()
        .withUserConfiguration(Context.class)
        .withPropertyValues(properties)
        .run(context -> bound[0] = context.getBean(FilesSettings.class).directory());
    return bound[0];
  }

  @ParameterizedTest
  @ValueSource(strings = {"/var/lib/linescribe/uploads", "uploads", "data/up loads"})
  void aDirectoryIsThePathThatIsWritten(String written) {
    assertThat(directory("linescribe.files.directory=" + written)).isEqualTo(Path.of(written));
  }

  @Test
  void withoutADirectoryOrWithAnEmptyOneThereIsNone() {
    assertThat(directory()).isNull();
    assertThat(directory("linescribe.files.directory=")).isNull();
  }
}
