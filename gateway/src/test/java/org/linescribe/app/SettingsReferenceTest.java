package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.gateway.call.CallSettings;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.pipeline.SessionSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** The reference of the settings, application.yaml, against the records that read them. */
final class SettingsReferenceTest {
  private final PropertySource<?> reference = reference();
  private final Binder binder = new Binder(ConfigurationPropertySource.from(reference));

  @Test
  void theRoomsDefaultsAreTheReferences() {
    assertThat(bound("linescribe.asr", SchedulerSettings.class))
        .isEqualTo(SchedulerSettings.defaults());
    assertThat(bound("linescribe.session", SessionSettings.class))
        .isEqualTo(SessionSettings.defaults());
    assertThat(bound("linescribe.sip", SipSettings.class))
        .isEqualTo(SipSettings.on("127.0.0.1:5060"));
    assertThat(bound("linescribe.rtp", RtpSettings.class)).isEqualTo(RtpSettings.on("20000-29999"));
    assertThat(bound("linescribe.call", CallSettings.class)).isEqualTo(CallSettings.defaults());
  }

  @Test
  void theDoorsDefaultsAreTheReferences() throws Exception {
    Map<String, Class<?>> doors = doors();
    // Their defaults come by way of the API document's environment names.
    doors.keySet().removeAll(List.of("linescribe.ffmpeg", "linescribe.audio-sessions"));
    for (Map.Entry<String, Class<?>> door : doors.entrySet()) {
      assertThat((Object) bound(door.getKey(), door.getValue()))
          .as(door.getKey())
          .isEqualTo(new Binder(List.of()).bindOrCreate(door.getKey(), door.getValue()));
    }
  }

  @Test
  void everyKeyOfADoorStandsInTheReferenceWithAWordOnItsMeaning() throws Exception {
    List<String> text =
        new ClassPathResource("application.yaml")
            .getContentAsString(StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .toList();
    for (Map.Entry<String, Class<?>> door : doors().entrySet()) {
      for (String key : keys(door.getValue())) {
        assertThat(text)
            .as(door.getKey() + "." + key)
            .anyMatch(line -> line.startsWith(key + ":") || line.startsWith("# " + key + ":"));
      }
    }
  }

  private <T> T bound(String prefix, Class<T> type) {
    return binder.bind(prefix, Bindable.of(type)).get();
  }

  private static List<String> keys(Class<?> type) {
    List<String> keys = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      keys.add(component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
      if (component.getType().isRecord()) {
        keys.addAll(keys(component.getType()));
      }
    }
    return keys;
  }

  /** Every settings record of the doors, by its prefix. */
  private static Map<String, Class<?>> doors() throws Exception {
    ClassPathScanningCandidateComponentProvider scan =
        new ClassPathScanningCandidateComponentProvider(false);
    scan.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    Map<String, Class<?>> doors = new TreeMap<>();
    for (var found : scan.findCandidateComponents("org.linescribe")) {
      Class<?> type = Class.forName(Objects.requireNonNull(found.getBeanClassName()));
      doors.put(type.getAnnotation(ConfigurationProperties.class).value(), type);
    }
    assertThat(doors).isNotEmpty();
    return doors;
  }

  private static PropertySource<?> reference() {
    try {
      return new YamlPropertySourceLoader()
          .load("reference", new ClassPathResource("application.yaml"))
          .getFirst();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
