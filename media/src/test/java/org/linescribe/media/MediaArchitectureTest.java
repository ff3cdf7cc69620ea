package org.linescribe.media;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** Media is bytes and arithmetic: it knows no sockets, no frameworks, no calls. */
@AnalyzeClasses(
    packages = "org.linescribe.media",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class MediaArchitectureTest {
  private static final DescribedPredicate<JavaClass> SOCKETS =
      describe(
          "sockets",
          type ->
              type.getPackageName().startsWith("java.net")
                  || type.getPackageName().startsWith("java.nio.channels")
                      && (type.getSimpleName().contains("Socket")
                          || type.getSimpleName().contains("Datagram")
                          || type.getSimpleName().contains("Selector")));

  private static final DescribedPredicate<JavaClass> OTHER_NETTY =
      describe(
          "Netty beyond its buffers",
          type ->
              type.getPackageName().startsWith("io.netty")
                  && !type.getPackageName().startsWith("io.netty.buffer")
                  && !type.getPackageName().startsWith("io.netty.util"));

  @ArchTest
  static final ArchRule knowsNoSockets = noClasses().should().dependOnClassesThat(SOCKETS);

  @ArchTest
  static final ArchRule usesOnlyNettysBuffers =
      noClasses().should().dependOnClassesThat(OTHER_NETTY);

  @ArchTest
  static final ArchRule knowsNoFramework =
      noClasses().should().dependOnClassesThat().resideInAnyPackage("org.springframework..");

  @ArchTest
  static final ArchRule knowsNoModuleAbove =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.linescribe.asr..",
              "org.linescribe.session..",
              "org.linescribe.api..",
              "org.linescribe.gateway..",
              "org.linescribe.calls..");

  @ArchTest
  static final ArchRule packagesImportOneWay =
      SlicesRuleDefinition.slices()
          .matching("org.linescribe.media.(*)..")
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule readsNoClock =
      noClasses()
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");
}
