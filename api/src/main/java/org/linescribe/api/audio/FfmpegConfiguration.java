package org.linescribe.api.audio;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** The one FFmpeg that all APIs share. It costs nothing until an API needs it. */
@ApiPackage
@EnableConfigurationProperties(FfmpegConfiguration.Settings.class)
public class FfmpegConfiguration {
  /** The APIs' own shutdown ends their streams; the JVM's, at the same time, must not be faster. */
  private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(60);

  /** FFmpeg, which decodes what is neither G.711 nor plain PCM, in processes of its own. */
  @ConfigurationProperties("linescribe.ffmpeg")
  @SettingsGroup("linescribe.ffmpeg")
  record Settings(
      @Setting("A program to use instead of the bundled one; also LINESCRIBE_FFMPEG.")
          @Nullable Path binary,
      @Setting(
              "Where the bundled program is extracted, once per version; not set:"
                  + " ~/.cache/linescribe/ffmpeg.")
          @Nullable Path cacheDirectory,
      @Setting("Processes at one time; one more stream is refused (1013).")
          @Range("1 to 4096")
          @DefaultValue("256")
          int maxProcesses,
      @Setting(
              "What they write to the log at trace: quiet, panic, fatal, error, warning, info,"
                  + " verbose, debug; also FFMPEG_LOGLEVEL. Not set: error.")
          @Nullable String logLevel) {
    Settings {
      SettingsCheck.ranges(Settings.class, maxProcesses);
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
        .description("Starts refused because the limit was reached")
        .register(registry);
    return ffmpeg;
  }
}
