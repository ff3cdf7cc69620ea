package org.linescribe.asr.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChildJvmTest {
  /** The forms that Spring Boot's loader, a plain jar and a folder of classes give. */
  @ParameterizedTest
  @CsvSource({
    "jar:nested:/opt/linescribe.jar/!BOOT-INF/lib/linescribe-asr.jar!/org/linescribe/X.class, true",
    "jar:file:/opt/linescribe.jar!/BOOT-INF/lib/linescribe-asr.jar!/org/linescribe/X.class, true",
    "jar:file:/opt/lib/linescribe-asr.jar!/org/linescribe/X.class, false",
    "file:/src/asr/target/classes/org/linescribe/X.class, false"
  })
  void knowsAProgramThatIsPackedIntoOneJar(String url, boolean packed) {
    assertThat(ChildJvm.isPacked(url)).isEqualTo(packed);
  }
}
