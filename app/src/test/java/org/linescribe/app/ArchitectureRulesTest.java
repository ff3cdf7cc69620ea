package org.linescribe.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may import whom, over all modules. */
@AnalyzeClasses(packages = "org.linescribe", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureRulesTest {
  private static final String NATIVE = "org.linescribe.asr.sherpa..";

  @ArchTest
  static final ArchRule importsRunOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("org.linescribe..")
          .layer("media")
          .definedBy("org.linescribe.media..")
          .layer("asr")
          .definedBy("org.linescribe.asr..")
          .layer("session")
          .definedBy("org.linescribe.session..")
          .layer("insights")
          .definedBy("org.linescribe.insights..")
          .layer("api")
          .definedBy("org.linescribe.api..")
          .layer("gateway")
          .definedBy("org.linescribe.gateway..")
          .layer("testcalls")
          .definedBy("org.linescribe.testcalls..")
          .layer("app")
          .definedBy("org.linescribe.app..")
          .whereLayer("app")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("insights")
          .mayOnlyBeAccessedByLayers("api", "app")
          .whereLayer("api")
          .mayOnlyBeAccessedByLayers("app")
          .whereLayer("gateway")
          .mayOnlyBeAccessedByLayers("app")
          .whereLayer("testcalls")
          .mayOnlyBeAccessedByLayers("app")
          .whereLayer("session")
          .mayOnlyBeAccessedByLayers("api", "gateway", "app")
          .whereLayer("asr")
          .mayOnlyBeAccessedByLayers("session", "api", "gateway", "app");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("org.linescribe.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheBindingTouchesNativeMemory =
      noClasses()
          .that()
          .resideOutsideOfPackage(NATIVE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.lang.foreign..");

  @ArchTest
  static final ArchRule mediaToGatewayKnowNoSpring =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.linescribe.media..",
              "org.linescribe.asr..",
              "org.linescribe.session..",
              "org.linescribe.gateway..",
              "org.linescribe.testcalls..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.springframework..");
}
