package org.linescribe.app;

import java.io.PrintWriter;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.linescribe.gateway.trunk.CallAdmission;
import org.linescribe.gateway.trunk.CallAdmission.Decision;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.Route;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code linescribe route-test}: what a call would get by the settings, without a call. */
@Command(
    name = "route-test",
    description = "Shows which trunk and which routing rule a call would meet, and what it gets.",
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    footer = {"", "Exit status: 0 the call is taken, 1 it is refused, 2 wrong settings."})
final class RouteTestCommand implements Callable<Integer> {
  private static final int REFUSED = 1;

  @Spec CommandSpec command = CommandSpec.create();
  @Mixin ServeOptions options = new ServeOptions();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "USER[@HOST]",
      description = "the called number or user, as in the Request-URI")
  String to = "";

  @Option(
      names = "--from",
      paramLabel = "USER",
      description = "the calling number or user",
      defaultValue = "")
  String from = "";

  @Option(
      names = "--address",
      paramLabel = "IP",
      description = "where the call comes from (default ${DEFAULT-VALUE})",
      defaultValue = "127.0.0.1")
  String address = "";

  @Override
  public Integer call() {
    LineSettings settings;
    try {
      StandardEnvironment environment = new StandardEnvironment();
      environment
          .getPropertySources()
          .addFirst(
              new SimpleCommandLinePropertySource(options.arguments().toArray(String[]::new)));
      ConfigDataEnvironmentPostProcessor.applyTo(environment);
      settings = new Settings(environment).bind(LineSettings.class);
    } catch (StartException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    String[] called = to.replaceFirst("^sips?:", "").split("@", 2);
    CallAdmission admission = new CallAdmission(settings);
    CallAdmission.Caller caller =
        new CallAdmission.Caller(
            source(), called.length > 1 ? called[1] : "", called[0], from, List.of());
    PrintWriter out = command.commandLine().getOut();
    return switch (admission.decideProved(caller)) {
      case Decision.Admitted admitted -> {
        print(out, admission, admitted);
        yield 0;
      }
      case Decision.Forbidden forbidden -> {
        out.println("refused: 403 " + forbidden.why());
        yield REFUSED;
      }
      case Decision.Busy busy -> throw new IllegalStateException(busy.why());
      case Decision.Challenged challenged -> throw new IllegalStateException("challenged");
    };
  }

  private InetAddress source() {
    try {
      return InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          command.commandLine(), "--address: '" + address + "' (expected: an IP address)", e);
    }
  }

  private static void print(PrintWriter out, CallAdmission admission, Decision.Admitted admitted) {
    Route route = admitted.route();
    int number = admission.numberOf(route);
    out.println("trunk            " + admitted.trunk().orElse("none (a stranger's call)"));
    out.println(
        "route            " + (number == 0 ? "none matches: defaults" : "number " + number));
    out.println("language         " + route.wantedLanguage().orElse("the model's own"));
    out.println("provider         " + route.wantedProvider().orElse("default"));
    out.println("model            " + route.wantedModel().orElse("default"));
    out.println(
        "endpoint-silence "
            + route
                .wantedEndpointSilence()
                .map(silence -> silence.toMillis() + "ms")
                .orElse("default"));
    out.println("record           " + word(route.wantsRecording()));
    String announcement = route.announcementOr("default");
    out.println("announcement     " + (announcement.isEmpty() ? "none" : announcement));
    out.println(
        "insights         " + (route.wantedInsights().isEmpty() ? "none" : route.wantedInsights()));
  }

  private static String word(Optional<Boolean> wanted) {
    return wanted.map(yes -> yes ? "yes" : "no").orElse("default");
  }
}
