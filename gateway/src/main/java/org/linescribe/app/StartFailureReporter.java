package org.linescribe.app;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Says why the gateway did not start: the key, the value and what was expected, instead of a stack
 * trace. A fault that is none of the user's is told with its trace.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailureReporter implements SpringBootExceptionReporter {
  /** Spring makes it with the context that failed; what it reports is in the failure alone. */
  StartFailureReporter(@Nullable ConfigurableApplicationContext context) {}

  @Override
  public boolean reportException(Throwable failure) {
    System.err.println("linescribe: cannot start: " + reason(failure));
    if (isOurBug(failure)) {
      failure.printStackTrace(System.err);
    }
    return true;
  }

  /** The message of the operator's error where there is one, else of the deepest cause. */
  static String reason(Throwable failure) {
    String deepest = String.valueOf(failure.getMessage());
    String setting = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PortInUseException inUse) {
        return "linescribe.http: port " + inUse.getPort() + " is in use (expected: a free port)";
      }
      if (cause instanceof StartException) {
        return String.valueOf(cause.getMessage());
      }
      if (cause instanceof IllegalArgumentException) {
        setting = cause.getMessage();
      }
      deepest = String.valueOf(cause.getMessage());
    }
    return setting != null ? setting : deepest;
  }

  private static boolean isOurBug(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PortInUseException
          || cause instanceof StartException
          || cause instanceof IllegalArgumentException) {
        return false;
      }
    }
    return true;
  }
}
