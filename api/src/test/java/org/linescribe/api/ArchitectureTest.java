package org.linescribe.api;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.linescribe.api.http.ApiPackage;

/** Who may import whom among the APIs. */
@AnalyzeClasses(packages = "org.linescribe", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /** What the APIs share; everything else below {@code api} is an API. */
  private static final DescribedPredicate<JavaClass> SHARED =
      resideInAnyPackage(
          "org.linescribe.api.http",
          "org.linescribe.api.websocket",
          "org.linescribe.api.audio",
          "org.linescribe.api.analysis",
          "org.linescribe.api.callrecord",
          "org.linescribe.api.transcript");

  @ArchTest
  static final ArchRule apisDoNotKnowEachOther =
      slices()
          .matching("org.linescribe.api.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(alwaysTrue(), SHARED);

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("org.linescribe.api.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule everyClassLiesInAPackageOfItsCapability =
      noClasses()
          .that()
          .doNotHaveSimpleName("package-info")
          .should()
          .resideInAPackage("org.linescribe.api");

  @ArchTest
  static void everyApiIsListed(JavaClasses classes) throws IOException {
    try (InputStream list = ApiPackage.class.getResourceAsStream("api-packages")) {
      assertThat(new String(list.readAllBytes(), StandardCharsets.US_ASCII).lines())
          .containsExactlyElementsOf(
              classes.stream()
                  .filter(type -> type.isAnnotatedWith(ApiPackage.class))
                  .map(JavaClass::getName)
                  .sorted()
                  .toList());
    }
  }

  @ArchTest
  static final ArchRule apisDoNotKnowTheGateway =
      noClasses()
          .that()
          .resideInAPackage("org.linescribe.api..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.linescribe.gateway..");

  @ArchTest
  static final ArchRule apisAreConfiguredByOneClassThatIsNotPublic =
      classes()
          .that()
          .areAnnotatedWith(ApiPackage.class)
          .and(not(SHARED))
          .should()
          .bePackagePrivate();
}
