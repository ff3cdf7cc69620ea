package org.linescribe.testcalls;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.g711.G711Law;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code linescribe call}: places recorded calls and reports how well they were transcribed. */
@Command(
    name = "call",
    sortOptions = false,
    usageHelpAutoWidth = true,
    header = "Places recorded calls over SIP/RTP or WebSocket and follows their transcripts.",
    description = {
      "",
      "A call is sent as a telephone would send it: G.711 in packets of 20 ms. The transcript is"
          + " read by subscription, as any reader would. Afterwards it says word errors, latencies,"
          + " and whether the numbers are whole.",
      "",
      "Words are compared by what was said: case, punctuation, numbers in words or digits (\"four"
          + " one one\", \"411\"), compounds (\"file name\", \"filename\") and contractions"
          + " (\"it's\", \"it is\") are no errors.",
      ""
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      " 0:every call has its transcript, no number lost or repeated",
      " 1:a call was refused or broke, has no transcript, or its numbers are wrong",
      " 2:wrong usage, or nobody could be reached"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  linescribe call test-calls/recorded/pin-slt.wav --to sip:127.0.0.1:5060",
      "  linescribe call test-calls/recorded --to 'sip:127.0.0.1:5060;transport=tcp' --codec pcma",
      "  linescribe call test-calls/recorded --to ws://127.0.0.1:8000 --concurrency 50 --repeat 10"
          + " --json report.json"
    })
public final class CallCommand implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  /** The codec, as the option spells it. */
  enum CodecOption {
    pcmu,
    pcma
  }

  /** How fast the recording is sent. */
  enum Pace {
    real,
    fast
  }

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description =
          "recordings: WAV (PCM or G.711, 8 or 16 kHz), .ulaw, .alaw; or a folder with a"
              + " manifest.json")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URL",
      description = "sip:HOST:PORT, sip:HOST:PORT;transport=tcp, or ws://HOST:PORT")
  private String to = "";

  @Option(
      names = {"--codec", "--law"},
      defaultValue = "pcmu",
      description =
          "G.711 codec: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}; --law is an alias)")
  private CodecOption codec = CodecOption.pcmu;

  @Option(
      names = "--session-id",
      paramLabel = "ID",
      description =
          "session to write to; with several calls -1, -2, … is added (default: a new one for"
              + " each)")
  private @Nullable String sessionId;

  @Mixin private SubscriptionOptions subscription;

  @Option(
      names = "--transcript",
      paramLabel = "FILE",
      description =
          "what is said: text for one recording, or a manifest (default: manifest.json beside the"
              + " recordings)")
  private @Nullable Path transcript;

  @Option(
      names = "--concurrency",
      defaultValue = "1",
      paramLabel = "N",
      description = "calls at once (default: ${DEFAULT-VALUE})")
  private int concurrency = 1;

  @Option(
      names = "--repeat",
      defaultValue = "1",
      paramLabel = "N",
      description = "how often each recording is called (default: ${DEFAULT-VALUE})")
  private int repeat = 1;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "at most so many new calls in a second (default: no limit)")
  private double perSecond = Double.POSITIVE_INFINITY;

  @Option(
      names = "--pace",
      defaultValue = "real",
      description =
          "${COMPLETION-CANDIDATES}: as fast as spoken, or (ws only) as fast as taken (default:"
              + " ${DEFAULT-VALUE})")
  private Pace pace = Pace.real;

  @Option(
      names = "--settle",
      defaultValue = "5",
      paramLabel = "SECONDS",
      description =
          "how long to wait for the rest after the call where no end is told (default:"
              + " ${DEFAULT-VALUE})")
  private double settleS = 5;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "write the report there, transcripts included")
  private @Nullable Path json;

  @Option(names = "--quiet", description = "show the summary only")
  private boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  private boolean help;

  public CallCommand() {
    this(System.getenv(HandshakeHeaders.KEY_VARIABLE));
  }

  /**
   * @param environmentKey the key from the environment; null for none
   */
  CallCommand(@Nullable String environmentKey) {
    this.subscription = new SubscriptionOptions(environmentKey);
  }

  @Override
  public Integer call() {
    PrintWriter out = commandLine().getOut();
    PrintWriter err = commandLine().getErr();
    try (Caller caller = caller();
        CallPlacer placer =
            new CallPlacer(
                caller,
                g711(),
                subscription.addresses(to),
                subscription.headers(),
                Duration.ofMillis((long) (settleS * 1000)),
                subscription.endpointMs())) {
      List<CallPlacer.Plan> plans = plans();
      if (!quiet) {
        out.println(
            "calling "
                + caller.description()
                + (plans.size() == 1
                    ? ""
                    : ": " + plans.size() + " calls, at most " + concurrency + " at once"));
        out.flush();
      }
      CallsSummary summary = place(placer, plans, out);
      if (quiet) {
        summary.calls().stream()
            .filter(call -> call.failure() != null)
            .map(CallReport::failure)
            .distinct()
            .forEach(err::println);
      }
      summary.lines().forEach(out::println);
      out.flush();
      if (json != null) {
        write(json, summary.json());
      }
      return summary.exitStatus();
    } catch (CallFailedException | IllegalArgumentException | IOException e) {
      err.println("linescribe call: " + e.getMessage());
      err.flush();
      return USAGE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return FAILED;
    }
  }

  private static void write(Path file, String report) throws IOException {
    try {
      Files.writeString(file, report);
    } catch (IOException e) {
      throw new IOException(file + ": the report cannot be written there", e);
    }
  }

  private CallsSummary place(CallPlacer placer, List<CallPlacer.Plan> plans, PrintWriter out)
      throws IOException, InterruptedException {
    try (HangUpAtExit _ = new HangUpAtExit()) {
      boolean alone = plans.size() == 1 || concurrency == 1;
      Function<CallPlacer.Plan, CallDisplay> displays = plan -> display(out, alone, plan);
      return new CallsSummary(placer.placeAll(plans, concurrency, perSecond, displays));
    } catch (InterruptedException e) {
      // Printed here, because the JVM exits as soon as the hook returns.
      PrintWriter err = commandLine().getErr();
      err.println("linescribe call: interrupted; the calls are hung up");
      err.flush();
      throw e;
    }
  }

  private CallDisplay display(PrintWriter out, boolean alone, CallPlacer.Plan plan) {
    if (quiet) {
      return CallDisplay.QUIET;
    }
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    String prefix =
        alone
            ? ""
            : "[" + plan.sessionId().substring(Math.max(0, plan.sessionId().length() - 8)) + "] ";
    return new TextDisplay(out, terminal && alone, columns(), prefix);
  }

  private static int columns() {
    String columns = System.getenv("COLUMNS");
    return columns != null && columns.matches("[0-9]{1,4}") ? Integer.parseInt(columns) : 80;
  }

  private List<CallPlacer.Plan> plans() throws IOException {
    if (concurrency < 1 || repeat < 1 || !(perSecond > 0) || !(settleS >= 0)) {
      throw new IllegalArgumentException(
          "--concurrency, --repeat and --rate must be more than 0, --settle not less");
    }
    if (sessionId != null && !sessionId.matches("[A-Za-z0-9._~-]{1,120}")) {
      throw new IllegalArgumentException("--session-id: expected 1 to 120 of A-Z a-z 0-9 . _ ~ -");
    }
    List<RecordedCall> recordings = RecordedCall.find(files, transcript);
    List<CallPlacer.Plan> plans = new ArrayList<>();
    for (int round = 0; round < repeat; round++) {
      for (RecordedCall recording : recordings) {
        boolean only = repeat == 1 && recordings.size() == 1;
        String id =
            sessionId == null
                ? CallPlacer.newSessionId()
                : only ? sessionId : sessionId + "-" + (plans.size() + 1);
        plans.add(new CallPlacer.Plan(recording, id, sessionId != null));
      }
    }
    return plans;
  }

  private Caller caller() throws CallFailedException {
    if (pace == Pace.fast && to.startsWith("sip:")) {
      throw new IllegalArgumentException(
          "--pace fast: RTP is sent in real time; it is for ws:// only");
    }
    return Caller.to(to, g711(), pace == Pace.real, subscription.headers());
  }

  private G711Law g711() {
    return codec == CodecOption.pcmu ? G711Law.PCMU : G711Law.PCMA;
  }

  private CommandLine commandLine() {
    return Objects.requireNonNull(spec).commandLine();
  }
}
