package org.linescribe.testcalls;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ModuleBoundaryTest {
  private final JavaClasses production =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.linescribe.testcalls");

  @Test
  void usesTheGatewayByItsNetworkApisOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.linescribe.asr..",
            "org.linescribe.session..",
            "org.linescribe.api..",
            "org.linescribe.gateway..",
            "org.springframework..")
        .check(production);
  }

  @Test
  void writesItsOwnRtpSoThatEachChecksTheOther() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.linescribe.media.rtp..")
        .check(production);
  }
}
