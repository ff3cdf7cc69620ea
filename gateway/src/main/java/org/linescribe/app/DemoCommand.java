package org.linescribe.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.linescribe.session.SessionId;
import org.linescribe.testcalls.CallCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code linescribe demo}: the gateway, called by a recorded voice. */
@Command(
    name = "demo",
    description = {
      "Starts the gateway and places a recorded call to it over SIP and RTP; the transcript"
          + " appears",
      "while the call runs. Stays up afterwards."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Exit status with --exit: 0 the transcript came, 1 it did not, 2 no start."})
final class DemoCommand implements Callable<Integer> {
  private static final String RECORDED = "/recorded/";

  @Mixin ServeOptions options = new ServeOptions();

  @Option(names = "--exit", description = "end after the call")
  boolean exit;

  @Option(
      names = "--recording",
      paramLabel = "NAME",
      defaultValue = "phone-gb.wav",
      description = "which of the recorded calls (default: ${DEFAULT-VALUE})")
  String recording = "phone-gb.wav";

  @Override
  public Integer call() throws IOException {
    // A demo shall not fail because something else has the usual ports.
    options.http = freeOr(options.http, "127.0.0.1:8000");
    options.sip = freeOr(options.sip, "127.0.0.1:5060");
    System.out.println("Starting the gateway on its embedded stores …");
    Optional<RunningGateway> started = RunningGateway.start(options.arguments());
    if (started.isEmpty()) {
      return Linescribe.USAGE;
    }
    RunningGateway gateway = started.get();
    ListeningAddresses at = gateway.addresses();
    Path folder = Files.createTempDirectory("linescribe-demo");
    int status;
    String session = "demo-" + SessionId.random(System.currentTimeMillis());
    try {
      Path file = extract(folder, recording);
      extract(folder, "manifest.json");
      System.out.println(
          "Calling sip:demo@" + at.sip() + " with the recording " + recording + " …\n");
      status =
          new CommandLine(new CallCommand())
              .execute(
                  file.toString(),
                  "--to",
                  "sip:demo@" + at.sip(),
                  "--http",
                  at.http().toString(),
                  "--session-id",
                  session);
    } finally {
      try (var files = Files.list(folder)) {
        files.forEach(file -> file.toFile().delete());
      }
      Files.delete(folder);
    }
    tellWhatNext(at, session, status, gateway);
    if (exit) {
      gateway.close();
      return status;
    }
    return ServeCommand.KEEPS_RUNNING;
  }

  private void tellWhatNext(
      ListeningAddresses at, String session, int status, RunningGateway gateway) {
    Settings settings = gateway.part(Settings.class);
    System.out.println();
    if (status != 0) {
      System.out.println("The transcript did not come as it should; the lines above say why.");
    }
    String kept =
        settings
            .optionalText("linescribe.mysql.url")
            .map(url -> "the MySQL database of linescribe.mysql.url")
            .orElse("the embedded database in " + settings.data().resolve("db").toAbsolutePath());
    List.of(
            "The transcript is kept in " + kept + ". Read it again:",
            "  curl http://" + at.http() + "/sessions/" + session + "/segments",
            "  ws://" + at.http() + "/ws/subscribe/" + session + "?from_seq=1")
        .forEach(System.out::println);
    if (!exit) {
      List.of(
              "",
              "The gateway stays up. Call it yourself:",
              "  a softphone on this machine:  sip:test@" + at.sip() + "  (say digits)",
              "  a recording of yours:         ./linescribe call FILE.wav --to sip:test@"
                  + at.sip(),
              "  over WebSocket:               ./linescribe call FILE.wav --to ws://" + at.http(),
              "Ctrl-C ends it.")
          .forEach(System.out::println);
    }
  }

  private static Path extract(Path folder, String name) throws IOException {
    try (InputStream in = DemoCommand.class.getResourceAsStream(RECORDED + name)) {
      if (in == null) {
        throw new CommandLine.ParameterException(
            new CommandLine(new DemoCommand()),
            "--recording: '" + name + "' (expected: a file of test-calls/recorded)");
      }
      Path file = folder.resolve(Path.of(name).getFileName());
      Files.copy(in, file);
      return file;
    }
  }

  /** The address asked for; else the usual one, or any free port where that is taken. */
  private static String freeOr(String asked, String usual) {
    if (asked != null) {
      return asked;
    }
    InetSocketAddress address = HostPort.parse("", usual).address();
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(address);
      return usual;
    } catch (IOException taken) {
      System.out.println(usual + " is in use: taking a free port instead.");
      return address.getHostString() + ":0";
    }
  }
}
