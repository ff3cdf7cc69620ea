package org.linescribe.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;

class ToolConditionTest {
  private final List<SkippedTest> skipped = new ArrayList<>();

  /** What the condition looks at; no engine runs these. */
  @NeedsTool({})
  static class Examples {
    @NeedsTool({Tool.SIPP, Tool.SOX})
    void needsPackages() {}

    @NeedsTool(Tool.DOCKER)
    void needsWhatNoPackageBrings() {}
  }

  private static ExtensionContext context(AnnotatedElement element, Optional<Method> method) {
    InvocationHandler answers =
        (proxy, called, arguments) ->
            switch (called.getName()) {
              case "getElement" -> Optional.of(element);
              case "getTestMethod" -> method;
              case "getTestClass" -> Optional.of(Examples.class);
              default -> InvocationHandler.invokeDefault(proxy, called, arguments);
            };
    return (ExtensionContext)
        Proxy.newProxyInstance(
            ToolConditionTest.class.getClassLoader(),
            new Class<?>[] {ExtensionContext.class},
            answers);
  }

  private static ExtensionContext context(String name) {
    Method method =
        Arrays.stream(Examples.class.getDeclaredMethods())
            .filter(declared -> declared.getName().equals(name))
            .findFirst()
            .orElseThrow();
    return context(method, Optional.of(method));
  }

  private ToolCondition condition(boolean isCi, Tool... present) {
    return new ToolCondition(isCi, List.of(present)::contains, skipped::add);
  }

  @Test
  void runsATestWhoseToolsAreThere() {
    assertThat(
            condition(false, Tool.SIPP, Tool.SOX)
                .evaluateExecutionCondition(context("needsPackages"))
                .isDisabled())
        .isFalse();
    assertThat(
            condition(true)
                .evaluateExecutionCondition(context(Examples.class, Optional.empty()))
                .isDisabled())
        .isFalse();
    assertThat(skipped).isEmpty();
  }

  @Test
  void skipsATestWhoseToolIsMissingAndSaysWhichPackageBringsIt() {
    assertThat(
            condition(false, Tool.SIPP)
                .evaluateExecutionCondition(context("needsPackages"))
                .getReason())
        .contains("missing: SOX (sox)");
    assertThat(skipped)
        .containsExactly(new SkippedTest("Examples.needsPackages", List.of(Tool.SOX)));
  }

  @Test
  void failsInCiWhereAPackageWouldBringTheTool() {
    assertThatThrownBy(() -> condition(true).evaluateExecutionCondition(context("needsPackages")))
        .hasMessageContaining("SIPP (sip-tester), SOX (sox)");
    assertThat(skipped).isEmpty();
  }

  @Test
  void skipsInCiTooWhatNoPackageBrings() {
    assertThat(
            condition(true)
                .evaluateExecutionCondition(context("needsWhatNoPackageBrings"))
                .isDisabled())
        .isTrue();
  }
}
