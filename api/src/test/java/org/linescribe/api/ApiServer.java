package org.linescribe.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.asr.providers.Providers;
import org.linescribe.session.Sessions;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.util.FileSystemUtils;

/** The APIs on a real HTTP server at a free port of the loopback, as the assembly runs them. */
public final class ApiServer implements AutoCloseable {
  private static final String DATA = "linescribe.data";

  private final ConfigurableApplicationContext context;
  private final Optional<Path> ownData;
  private final int port;

  /** What stands in for the assembly's configuration. */
  @EnableAutoConfiguration
  static class Assembly {
    /** Event loops of its own: the global ones end with the first of several servers in a JVM. */
    @Bean
    ReactorResourceFactory reactorResourceFactory() {
      ReactorResourceFactory resources = new ReactorResourceFactory();
      resources.setUseGlobalResources(false);
      resources.setShutdownQuietPeriod(Duration.ZERO);
      return resources;
    }
  }

  private ApiServer(ConfigurableApplicationContext context, Optional<Path> ownData) {
    this.context = context;
    this.ownData = ownData;
    this.port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /** Starts all APIs. */
  public static ApiServer start(Sessions sessions, Map<String, Object> settings) {
    return start(sessions, settings, ApiConfiguration.class);
  }

  /** Starts all APIs, and tells them of these providers. */
  public static ApiServer start(
      Sessions sessions, Providers providers, Map<String, Object> settings) {
    return start(sessions, providers, settings, ApiConfiguration.class);
  }

  /** Starts the APIs of the given configurations only. */
  public static ApiServer start(
      Sessions sessions, Map<String, Object> settings, Class<?>... configurations) {
    return start(sessions, FakeProviders.english(), settings, configurations);
  }

  private static ApiServer start(
      Sessions sessions,
      Providers providers,
      Map<String, Object> settings,
      Class<?>... configurations) {
    Map<String, Object> properties = new TreeMap<>(settings);
    // The program's data folder has one process, which clears it of uploads at its start.
    Optional<Path> ownData =
        settings.containsKey(DATA) ? Optional.empty() : Optional.of(temporaryFolder());
    ownData.ifPresent(folder -> properties.put(DATA, folder.toString()));
    properties.put("server.port", "0");
    properties.put("server.address", "127.0.0.1");
    properties.put("spring.main.banner-mode", "off");
    properties.put("spring.main.web-application-type", "reactive");
    SpringApplication application =
        new SpringApplicationBuilder(Assembly.class)
            .sources(configurations)
            .properties(properties)
            .initializers(
                (GenericApplicationContext beans) -> {
                  beans.registerBean("sessions", Sessions.class, () -> sessions);
                  // The recognisers are the test's to close.
                  beans.registerBean(
                      "providers",
                      Providers.class,
                      () -> providers,
                      definition -> definition.setDestroyMethodName(""));
                })
            .registerShutdownHook(false)
            .build();
    try {
      return new ApiServer(application.run(), ownData);
    } catch (RuntimeException refused) {
      ownData.ifPresent(ApiServer::delete);
      throw refused;
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("linescribe-api-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** {@code http://127.0.0.1:PORT} and the path. */
  public String http(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  /** {@code ws://127.0.0.1:PORT} and the path. */
  public String ws(String path) {
    return "ws://127.0.0.1:" + port + path;
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  public <T> List<T> beans(Class<T> type) {
    return List.copyOf(context.getBeansOfType(type).values());
  }

  @Override
  public void close() {
    context.close();
    ownData.ifPresent(ApiServer::delete);
  }

  private static void delete(Path folder) {
    try {
      FileSystemUtils.deleteRecursively(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
