package org.linescribe.api;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The one FFmpeg that all doors share. It costs nothing until a door needs it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(FfmpegConfiguration.Settings.class)
class FfmpegConfiguration {
  /**
   * The doors' own shutdown ends their streams; the JVM's, at the same time, must not be faster.
   */
  private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(60);

  /**
   * {@code linescribe.ffmpeg.*}.
   *
   * @param binary a program to use instead of the bundled one; also {@code LINESCRIBE_FFMPEG}
   * @param cacheDirectory where the bundled program is extracted; {@code
   *     ~/.cache/linescribe/ffmpeg} when empty
   * @param maxProcesses processes at one time, 1 to 4096
   * @param logLevel what streaming processes say into the log at trace: quiet to debug; also {@code
   *     FFMPEG_LOGLEVEL}
   */
  @ConfigurationProperties("linescribe.ffmpeg")
  record Settings(
      @Nullable Path binary,
      @Nullable Path cacheDirectory,
      @DefaultValue("256") int maxProcesses,
      @Nullable String logLevel) {
    Settings {
      ApiSettings.require(
          maxProcesses >= 1 && maxProcesses <= 4096,
          "linescribe.ffmpeg.max-processes",
          maxProcesses,
          "1 to 4096");
    }
  }

  private static Optional<Path> given(@Nullable Path path) {
    return Optional.ofNullable(path).filter(named -> !named.toString().isBlank());
  }

  @Bean(destroyMethod = "close")
  Ffmpeg ffmpeg(Settings settings, Environment environment, MeterRegistry registry) {
    FfmpegSettings defaults = FfmpegSettings.defaults();
    Optional<Path> binary =
        given(settings.binary())
            .or(
                () ->
                    Optional.ofNullable(environment.getProperty("LINESCRIBE_FFMPEG"))
                        .filter(value -> !value.isBlank())
                        .map(Path::of));
    Path cache = given(settings.cacheDirectory()).orElse(defaults.cacheDirectory());
    String logLevel =
        settings.logLevel() == null
            ? environment.getProperty("FFMPEG_LOGLEVEL", "error")
            : settings.logLevel();
    Ffmpeg ffmpeg =
        new Ffmpeg(
            new FfmpegSettings(binary, cache, settings.maxProcesses()),
            logLevel,
            SHUTDOWN_GRACE,
            System::nanoTime);
    Gauge.builder("linescribe.ffmpeg.running", ffmpeg, Ffmpeg::running)
        .description("FFmpeg processes that run now")
        .register(registry);
    FunctionCounter.builder("linescribe.ffmpeg.started", ffmpeg, Ffmpeg::started)
        .description("FFmpeg processes started")
        .register(registry);
    FunctionCounter.builder("linescribe.ffmpeg.faults", ffmpeg, Ffmpeg::faults)
        .description("FFmpeg processes that crashed, hung or were killed at a limit")
        .register(registry);
    FunctionCounter.builder("linescribe.ffmpeg.refused", ffmpeg, Ffmpeg::refused)
        .description("Starts refused because all places were taken")
        .register(registry);
    return ffmpeg;
  }
}
