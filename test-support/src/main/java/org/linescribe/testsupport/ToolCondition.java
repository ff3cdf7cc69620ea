package org.linescribe.testsupport;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips a test whose tools are missing, or fails it in CI. See {@link NeedsTool}. */
final class ToolCondition implements ExecutionCondition {
  private final boolean isCi;
  private final Predicate<Tool> present;
  private final Consumer<SkippedTest> skipped;

  /** For JUnit. */
  ToolCondition() {
    this("true".equals(System.getenv("CI")), Tool::isPresent, SkippedTests.ofThisBuild()::add);
  }

  ToolCondition(boolean isCi, Predicate<Tool> present, Consumer<SkippedTest> skipped) {
    this.isCi = isCi;
    this.present = present;
    this.skipped = skipped;
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    List<Tool> missing =
        context
            .getElement()
            .flatMap(element -> AnnotationSupport.findAnnotation(element, NeedsTool.class))
            .map(NeedsTool::value)
            .stream()
            .flatMap(Stream::of)
            .filter(present.negate())
            .toList();
    if (missing.isEmpty()) {
      return ConditionEvaluationResult.enabled("every tool is there");
    }
    String reason =
        "missing: "
            + missing.stream()
                .map(tool -> tool + tool.debianPackage().map(name -> " (" + name + ")").orElse(""))
                .collect(Collectors.joining(", "));
    if (isCi && missing.stream().anyMatch(tool -> tool.debianPackage().isPresent())) {
      throw new IllegalStateException(reason + "; with CI=true every tool must be installed");
    }
    skipped.accept(new SkippedTest(name(context), missing));
    return ConditionEvaluationResult.disabled(reason);
  }

  private static String name(ExtensionContext context) {
    String test = context.getRequiredTestClass().getSimpleName();
    Optional<Method> method = context.getTestMethod();
    return method.map(found -> test + "." + found.getName()).orElse(test);
  }
}
