package org.linescribe.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Serves every API of this module: the packages below {@code org.linescribe.api}, each by its one
 * class that is annotated {@link ApiPackage}. The assembly imports this class and brings two beans:
 * the {@link org.linescribe.session.Sessions} and a {@link
 * io.micrometer.core.instrument.MeterRegistry}.
 */
@Configuration(proxyBeanMethods = false)
@Import(ApiConfiguration.Listed.class)
public class ApiConfiguration {
  private static final String LIST = "api-packages";

  /**
   * The classes by a list, which a test compares with what is there: looking for them in the jar at
   * every start would read some three hundred classes.
   */
  static final class Listed implements ImportSelector {
    @Override
    public String[] selectImports(AnnotationMetadata importing) {
      try (InputStream list =
          Objects.requireNonNull(ApiConfiguration.class.getResourceAsStream(LIST), LIST)) {
        return new String(list.readAllBytes(), StandardCharsets.US_ASCII)
            .lines()
            .toArray(String[]::new);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }
  }
}
