package org.linescribe.session;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who the session's rooms may know. */
@AnalyzeClasses(
    packages = "org.linescribe.session",
    importOptions = ImportOption.DoNotIncludeTests.class)
class SessionRoomTest {
  @ArchTest
  static final ArchRule KNOWS_NO_DOOR_AND_NO_FRAMEWORK =
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
  static final ArchRule RECOGNISES_ONLY_BY_THE_RECOGNISERS_API =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.linescribe.asr.sherpa..", "org.linescribe.asr.scheduler..");

  @ArchTest
  static final ArchRule ONLY_THE_STORE_SPEAKS_SQL =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.linescribe.session.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "com.zaxxer..", "org.flywaydb..");

  @ArchTest
  static final ArchRule ONLY_REDIS_AND_ITS_USERS_SPEAK_REDIS =
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
  static final ArchRule STORES_KNOW_NO_PIPELINE =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.linescribe.session.pipeline..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.linescribe.session.pipeline..");
}
