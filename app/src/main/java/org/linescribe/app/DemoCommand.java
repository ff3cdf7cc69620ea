package org.linescribe.app;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.media.resources.ResourceFiles;
import org.linescribe.media.resources.TemporaryFolder;
import org.linescribe.session.SessionId;
import org.linescribe.testcalls.CallCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code linescribe demo}: the gateway, called by a recording. */
@Command(
    name = "demo",
    description = {
      "Starts the gateway and places a recorded call to it over SIP and RTP; the transcript"
          + " appears",
      "while the call runs. Stays up afterwards."
    },
    mixinStandardHelpOptions = true,
    versionProvider = BuildVersion.class,
    footer = {"", "Exit status with --exit: 0 the transcript came, 1 it did not, 2 no start."})
final class DemoCommand implements Callable<Integer> {
  private static final List<String> FOLDERS = List.of("/speech/", "/recorded/");

  /** What is said in the recordings of this folder needs the model of digits. */
  private static final String DIGITS = "/recorded/";

  private static final int NO_TRANSCRIPT = 1;

  /** The gateway tells the end of the transcript: so long waits only who runs on a slow machine. */
  private static final String SETTLE_S = "30";

  @Mixin ServeOptions options = new ServeOptions();

  @Option(names = "--exit", description = "end after the call")
  boolean exit;

  @Option(
      names = "--recording",
      paramLabel = "NAME",
      defaultValue = "ast-dir-intro-fn.wav",
      description =
          "which recording (default: ${DEFAULT-VALUE}); those of test-calls/recorded are spoken"
              + " digits and use the model telephony-digits-en where no other is named")
  String recording = "ast-dir-intro-fn.wav";

  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    String folder = folder();
    if (folder.equals(DIGITS)
        && !options.mayName("linescribe.model.name")
        && !options.mayName("linescribe.model.dir")) {
      options.model(BundledModel.NAME);
    }
    boolean choosesHttp = !options.mayName("linescribe.http");
    boolean choosesSip = !options.mayName("linescribe.sip.bind");
    System.out.println("Starting the gateway …");
    // A demo that was started at the same time may take a port after it was seen free.
    Optional<RunningGateway> started =
        RunningGateway.startOn(
            () -> {
              choosePorts(choosesHttp, choosesSip);
              return options.arguments();
            });
    if (started.isEmpty()) {
      return Linescribe.USAGE;
    }
    RunningGateway gateway = started.get();
    String session = "demo-" + SessionId.random(System.currentTimeMillis());
    boolean transcribed = placeCall(gateway.addresses().fromHere(), session, folder);
    System.out.println();
    if (transcribed) {
      tellWhereItIsKept(gateway, session);
    } else {
      System.out.println("The transcript did not come as it should; the lines above say why.");
    }
    if (exit) {
      gateway.close();
      return transcribed ? 0 : NO_TRANSCRIPT;
    }
    tellWhatNext(gateway.addresses().fromHere());
    return ServeCommand.KEEPS_RUNNING;
  }

  /** A demo shall not fail because something else has the usual ports. */
  private void choosePorts(boolean http, boolean sip) {
    if (http) {
      options.http(usualOrFree(8000, false));
    }
    if (sip) {
      options.sip(usualOrFree(5060, true));
    }
  }

  /** Where the recording lies in the program. */
  private String folder() {
    if (recording.matches("[\\w-]+\\.(wav|ulaw|alaw)")) {
      for (String folder : FOLDERS) {
        if (DemoCommand.class.getResource(folder + recording) != null) {
          return folder;
        }
      }
    }
    throw new ParameterException(
        command.commandLine(),
        "--recording: '"
            + recording
            + "' (expected: ast-dir-intro-fn.wav, ast-demo-nogo.wav, ast-vm-instructions.wav or a"
            + " file of test-calls/recorded)");
  }

  private boolean placeCall(ListeningAddresses at, String session, String from) throws IOException {
    Path folder = TemporaryFolder.createDirectory("demo");
    // By the JVM's own hook, so that Ctrl-C during the call leaves nothing behind.
    folder.toFile().deleteOnExit();
    try {
      Path file = extract(folder, from, recording);
      extract(folder, from, "manifest.json");
      String callee = "sip:demo@" + at.sip();
      System.out.println("Calling " + callee + " with the recording " + recording + " …\n");
      return new CommandLine(new CallCommand())
              .execute(
                  file.toString(),
                  "--to",
                  callee,
                  "--http",
                  at.http().toString(),
                  "--session-id",
                  session,
                  "--settle",
                  SETTLE_S)
          == 0;
    } finally {
      ResourceFiles.deleteTree(folder);
    }
  }

  private static void tellWhereItIsKept(RunningGateway gateway, String session) {
    Settings settings = gateway.part(Settings.class);
    String kept =
        settings
            .optionalText("linescribe.mysql.url")
            .map(url -> "the MySQL database of linescribe.mysql.url")
            .orElse(
                "the embedded database in "
                    + Path.of(settings.bind(ProgramSettings.Gateway.class).data())
                        .resolve("db")
                        .toAbsolutePath());
    System.out.printf(
        """
        The transcript is kept in %s. Read it again, while the gateway runs:
          curl http://%s/sessions/%s/segments
          ws://%2$s/ws/subscribe/%3$s?from_seq=1
        """,
        kept, gateway.addresses().fromHere().http(), session);
  }

  private static void tellWhatNext(ListeningAddresses at) {
    System.out.printf(
        """

        The gateway stays up. Call it yourself:
          a softphone on this machine:  sip:test@%s  (say something in English)
          a recording of yours:         ./linescribe call FILE.wav --to sip:test@%1$s --http %2$s
          over WebSocket:               ./linescribe call FILE.wav --to ws://%2$s
        Ctrl-C ends it.
        """,
        at.sip(), at.http());
  }

  private static Path extract(Path folder, String from, String name) throws IOException {
    Path file = BundledRecordings.extract(folder, from, name);
    file.toFile().deleteOnExit();
    return file;
  }

  /** The usual address; on any free port where that one is taken. */
  static String usualOrFree(int port, boolean udpToo) {
    InetSocketAddress usual = new InetSocketAddress("127.0.0.1", port);
    if (isFree(usual, udpToo)) {
      return "127.0.0.1:" + port;
    }
    System.out.println("127.0.0.1:" + port + " is in use: taking a free port instead.");
    return "127.0.0.1:0";
  }

  private static boolean isFree(InetSocketAddress address, boolean udpToo) {
    try (ServerSocket tcp = new ServerSocket();
        DatagramSocket udp = new DatagramSocket(null)) {
      tcp.bind(address);
      if (udpToo) {
        udp.bind(address);
      }
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
