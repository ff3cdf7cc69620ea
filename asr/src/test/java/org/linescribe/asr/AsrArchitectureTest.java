package org.linescribe.asr;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "org.linescribe.asr",
    importOptions = ImportOption.DoNotIncludeTests.class)
class AsrArchitectureTest {
  @ArchTest
  static final ArchRule ONLY_SHERPA_TOUCHES_NATIVE_MEMORY =
      classes()
          .that()
          .resideOutsideOfPackage("org.linescribe.asr.sherpa")
          .should()
          .onlyDependOnClassesThat()
          .resideOutsideOfPackage("java.lang.foreign..");

  @ArchTest
  static final ArchRule IMPORTS_NO_HOUSE_ABOVE_IT =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.springframework..",
              "io.netty..",
              "org.linescribe.session..",
              "org.linescribe.api..",
              "org.linescribe.gateway..");

  @ArchTest
  static final ArchRule THE_SCHEDULER_KNOWS_NO_LIBRARY =
      noClasses()
          .that()
          .resideInAPackage("org.linescribe.asr.scheduler")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.linescribe.asr.sherpa", "org.linescribe.asr.catalogue");
}
