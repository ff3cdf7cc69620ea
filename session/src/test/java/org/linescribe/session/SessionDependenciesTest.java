package org.linescribe.session;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The dependencies that the module's packages may have. */
@AnalyzeClasses(
    packages = "org.linescribe.session",
    importOptions = ImportOption.DoNotIncludeTests.class)
class SessionDependenciesTest {
  @ArchTest
  static final ArchRule usesNoApiAndNoFramework =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.springframework..",
              "java.net.http..",
              "io.netty.handler.codec.http..",
              "jakarta.servlet..",
              "javax.sip..",
              "gov.nist..",
              "org.linescribe.api..",
              "org.linescribe.gateway..",
              "java.lang.foreign..");

  @ArchTest
  static final ArchRule usesOnlyTheRecognisersApi =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.linescribe.asr.sherpa..", "org.linescribe.asr.scheduler..");

  @ArchTest
  static final ArchRule onlyTheStoreUsesSql =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.linescribe.session.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "com.zaxxer..", "org.flywaydb..");

  @ArchTest
  static final ArchRule onlyRedisLiveAndLeaseUseLettuce =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "org.linescribe.session.redis..",
              "org.linescribe.session.live..",
              "org.linescribe.session.lease..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.lettuce..");

  @ArchTest
  static final ArchRule noPackageUsesThePipeline =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.linescribe.session.pipeline..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.linescribe.session.pipeline..");
}
