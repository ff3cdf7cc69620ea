package org.linescribe.app;

import java.net.BindException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import reactor.netty.ChannelBindException;

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
    Optional<String> usersFault = usersFault(failure);
    if (usersFault.isPresent()) {
      System.err.println("linescribe: cannot start: " + usersFault.get());
    } else {
      System.err.println("linescribe: cannot start, by a fault of its own:");
      failure.printStackTrace(System.err);
    }
    return true;
  }

  /** What the operator can mend, in words; empty where that is nothing. */
  static Optional<String> usersFault(Throwable failure) {
    String setting = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case PortInUseException inUse -> {
          return Optional.of(
              "linescribe.http: port " + inUse.getPort() + " is in use (expected: a free port)");
        }
        case ChannelBindException unbound -> {
          return Optional.of(
              "linescribe.http: %s:%d (expected: an address of this machine that may be bound): %s"
                  .formatted(
                      unbound.localHost(), unbound.localPort(), unbound.getCause().getMessage()));
        }
        case MarkedYAMLException yaml -> {
          return Optional.of("a settings file is not valid YAML: " + place(yaml));
        }
        case StartException known -> {
          return Optional.of(String.valueOf(known.getMessage()));
        }
        case IllegalArgumentException _ -> setting = String.valueOf(cause.getMessage());
        default -> {
          // Wrapped by others on its way.
        }
      }
    }
    return Optional.ofNullable(setting);
  }

  /** Whether a socket could not be bound: another start may have taken its port. */
  static boolean isAddressInUse(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException || cause instanceof PortInUseException) {
        return true;
      }
    }
    return false;
  }

  private static String place(MarkedYAMLException yaml) {
    return yaml.getProblem()
        + (yaml.getProblemMark() == null
            ? ""
            : " at line "
                + (yaml.getProblemMark().getLine() + 1)
                + ", column "
                + (yaml.getProblemMark().getColumn() + 1));
  }
}
