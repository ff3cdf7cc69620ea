package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.linescribe.app.SettingsReference.Entry;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.gateway.call.CallSettings;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.SessionSettings;
import org.linescribe.settings.SettingsGroup;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** The settings records against the reference that is made from them, and against their binder. */
final class SettingsReferenceTest {
  private static final Path PAGE =
      Path.of(System.getProperty("linescribe.root"), "docs", "settings.md");

  /** Run with {@code -Dsettings.write=true} to write the page. */
  @Test
  void thePageIsWhatTheRecordsState() throws IOException {
    String page = SettingsReference.markdown();
    if (Boolean.getBoolean("settings.write")) {
      Files.writeString(PAGE, page);
    }

    assertThat(PAGE)
        .as("write it: mvn -pl app -am test -Dtest=SettingsReferenceTest -Dsettings.write=true")
        .hasContent(page);
  }

  @Test
  void everySettingSaysWhatItDoes() {
    assertThat(SettingsReference.entries(SettingsReference.records()))
        .hasSizeGreaterThan(120)
        .allSatisfy(entry -> assertThat(entry.meaning()).as(entry.key()).isNotBlank());
  }

  @Test
  void everyKeyStandsOnce() {
    assertThat(SettingsReference.entries(SettingsReference.records()))
        .extracting(Entry::key)
        .doesNotHaveDuplicates();
  }

  @Test
  void theListNamesEveryRecordThatTheFrameworkBinds() {
    ClassPathScanningCandidateComponentProvider scan =
        new ClassPathScanningCandidateComponentProvider(false);
    scan.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));

    assertThat(SettingsReference.boundByFramework())
        .extracting(Class::getName)
        .isSorted()
        .containsExactlyInAnyOrderElementsOf(
            scan.findCandidateComponents("org.linescribe").stream()
                .map(BeanDefinition::getBeanClassName)
                .toList());
  }

  @Test
  void aFrameworksPrefixIsTheRecordsOwn() {
    assertThat(SettingsReference.boundByFramework())
        .hasSizeGreaterThan(5)
        .allSatisfy(
            type ->
                assertThat(type.getAnnotation(ConfigurationProperties.class).value())
                    .isEqualTo(type.getAnnotation(SettingsGroup.class).value()));
  }

  @Test
  void whatNobodySetsHasTheStatedDefault() {
    Settings settings = new Settings(new StandardEnvironment());

    assertThat(settings.bind(SchedulerSettings.class)).isEqualTo(SchedulerSettings.defaults());
    assertThat(settings.bind(SessionSettings.class)).isEqualTo(SessionSettings.defaults());
    assertThat(settings.bind(SipSettings.class)).isEqualTo(SipSettings.on("127.0.0.1:5060"));
    assertThat(settings.bind(RtpSettings.class)).isEqualTo(RtpSettings.on("20000-29999"));
    assertThat(settings.bind(CallSettings.class)).isEqualTo(CallSettings.defaults());
  }
}
