package org.linescribe.api;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may import whom among the doors. */
@AnalyzeClasses(packages = "org.linescribe", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /** What can be said about a transcript: it opens no path, and doors may call it. */
  private static final String INSIGHTS = "org.linescribe.api.insights..";

  @ArchTest
  static final ArchRule doorsDoNotKnowEachOther =
      slices()
          .matching("org.linescribe.api.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(DescribedPredicate.alwaysTrue(), resideInAPackage(INSIGHTS));

  @ArchTest
  static final ArchRule theBasisDoesNotKnowTheDoors =
      noClasses()
          .that()
          .resideInAPackage("org.linescribe.api")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.linescribe.api.(*)..");

  @ArchTest
  static final ArchRule doorsDoNotKnowTheGateway =
      noClasses()
          .that()
          .resideInAPackage("org.linescribe.api..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.linescribe.gateway..");

  @ArchTest
  static final ArchRule doorsAreConfiguredByOneClassThatIsNotPublic =
      classes().that().areAnnotatedWith(Door.class).should().bePackagePrivate();
}
