package org.linescribe.testcalls;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class RoomTest {
  private final JavaClasses room =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.linescribe.testcalls");

  @Test
  void knowsTheGatewayByItsDoorsOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.linescribe.asr..",
            "org.linescribe.session..",
            "org.linescribe.api..",
            "org.linescribe.gateway..",
            "org.springframework..")
        .check(room);
  }

  @Test
  void writesItsOwnRtpSoThatEachChecksTheOther() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.linescribe.media.rtp..")
        .check(room);
  }
}
