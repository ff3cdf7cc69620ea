package org.linescribe.app;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The gateway, up and taking calls. Closing it drains it. */
final class RunningGateway implements AutoCloseable {
  private final ConfigurableApplicationContext context;

  private RunningGateway(ConfigurableApplicationContext context) {
    this.context = context;
  }

  /**
   * Starts it and prints the ready line.
   *
   * @param arguments settings, {@code --key=value}
   * @return empty when it could not start: why was printed to standard error
   */
  static Optional<RunningGateway> start(List<String> arguments) {
    try {
      return Optional.of(run(arguments));
    } catch (RuntimeException reported) {
      // StartFailureReporter has said why, in the user's words.
      return Optional.empty();
    }
  }

  /**
   * Starts it on addresses that were seen free, and once more where one of them is taken by then.
   *
   * @param arguments asked for each start, as above; the same ones again end it
   * @return empty when it could not start: why was printed to standard error
   */
  static Optional<RunningGateway> startOn(Supplier<List<String>> arguments) {
    List<String> chosen = arguments.get();
    try {
      return Optional.of(run(chosen));
    } catch (RuntimeException reported) {
      if (!StartFailureReporter.isAddressInUse(reported)) {
        return Optional.empty();
      }
    }
    List<String> others = arguments.get();
    return others.equals(chosen) ? Optional.empty() : start(others);
  }

  private static RunningGateway run(List<String> arguments) {
    RunningGateway gateway =
        new RunningGateway(application().run(arguments.toArray(String[]::new)));
    System.out.println(gateway.addresses().readyLine());
    return gateway;
  }

  static SpringApplication application() {
    SpringApplication application = new SpringApplication(LinescribeApplication.class);
    application.setBannerMode(Banner.Mode.OFF);
    application.setLogStartupInfo(false);
    application.addListeners(new LogFormat(), new LogFloodInstaller(), new EarlyStart());
    return application;
  }

  ListeningAddresses addresses() {
    return ListeningAddresses.of(context);
  }

  <T> T part(Class<T> type) {
    return context.getBean(type);
  }

  @Override
  public void close() {
    context.close();
  }
}
