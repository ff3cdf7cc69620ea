package org.linescribe.testcalls.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.CallFailedException;
import org.linescribe.testcalls.CallPlacer;
import org.linescribe.testcalls.Caller;
import org.linescribe.testcalls.Durations;
import org.linescribe.testcalls.HangUpAtExit;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SubscriptionOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code linescribe load}: many calls at once, and what they and the gateway measure. */
@Command(
    name = "load",
    sortOptions = false,
    usageHelpAutoWidth = true,
    header = "Loads a gateway with recorded calls over SIP/RTP or WebSocket and measures it.",
    description = {
      "",
      "That many calls are on at once: each line has one recording after the other, and a second"
          + " between two. Calls begin by a schedule that waits for no answer, so that a late"
          + " answer counts. The calls that begin in the hold are measured: set-up from when a call"
          + " was due, first text, the time between the partials of an utterance and finals as"
          + " 'linescribe call' measures them (a final includes the endpoint's silence).",
      "",
      "With several numbers of calls, or --find-limit, one stage follows the other. Ctrl-C and"
          + " SIGTERM hang up and print what was measured so far.",
      ""
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      " 0:every stage met its bounds; with --find-limit: a limit was found",
      " 1:a call failed or was refused, a bound was missed, or it was interrupted",
      " 2:wrong usage, or nobody could be reached"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  linescribe load test-calls/human --to sip:127.0.0.1:5060 --calls 1,10,25,50 --pid"
          + " $(pgrep -f 'linescribe.jar serve') --svg load.svg",
      "  linescribe load test-calls/human --to sip:127.0.0.1:5060 --to ws://127.0.0.1:8000"
          + " --codec pcmu,pcma --calls 40 --hold 2m",
      "  linescribe load test-calls/speech --to sip:127.0.0.1:5060 --find-limit --slo"
          + " final-p95=1500ms"
    })
public final class LoadCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int MOST_CALLS = 10_000;

  /** Beyond this share of late frames the caller, not the gateway, is measured. */
  private static final double LATE = 0.01;

  /** The codec, as the option spells it. */
  enum Codec {
    pcmu(G711Law.PCMU),
    pcma(G711Law.PCMA);

    private final G711Law law;

    Codec(G711Law law) {
      this.law = law;
    }
  }

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "recordings, or folders with a manifest.json, as 'linescribe call' takes them")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URL",
      description =
          "sip:HOST:PORT, sip:HOST:PORT;transport=tcp, or ws://HOST:PORT; repeated: the lines take"
              + " them in turn")
  private List<String> to = new ArrayList<>();

  @Option(
      names = "--codec",
      defaultValue = "pcmu",
      split = ",",
      description = "pcmu, pcma, or both with a comma: in turn (default: ${DEFAULT-VALUE})")
  private List<Codec> codecs = new ArrayList<>();

  @Option(
      names = "--calls",
      defaultValue = "1",
      split = ",",
      paramLabel = "N",
      description =
          "calls at once, a stage for each number; with --find-limit the first of them begins the"
              + " search (default: ${DEFAULT-VALUE})")
  private List<Integer> calls = new ArrayList<>();

  @Option(
      names = "--ramp",
      defaultValue = "5s",
      paramLabel = "TIME",
      description = "over which a stage's lines begin (default: ${DEFAULT-VALUE})")
  private String ramp = "";

  @Option(
      names = "--hold",
      defaultValue = "30s",
      paramLabel = "TIME",
      description = "after the ramp, in which the measured calls begin (default: ${DEFAULT-VALUE})")
  private String hold = "";

  @Option(
      names = "--patience",
      defaultValue = "30s",
      paramLabel = "TIME",
      description =
          "without an event for so long a transcript counts as ended (default: ${DEFAULT-VALUE})")
  private String patience = "";

  @Mixin private SubscriptionOptions subscription = new SubscriptionOptions();

  @Option(
      names = "--slo",
      paramLabel = "BOUND",
      description =
          "setup-, first-text-, partial-gap- or final- and p50, p90, p95, p99 or max, such as"
              + " final-p95=1500ms; may be repeated. A refused or failed call misses them always")
  private List<String> slo = new ArrayList<>();

  @Option(
      names = "--find-limit",
      description = "search for the most calls at once that meet every --slo")
  private boolean findLimit;

  @Option(
      names = "--max-calls",
      defaultValue = "1000",
      paramLabel = "N",
      description = "most calls that --find-limit tries (default: ${DEFAULT-VALUE})")
  private int maxCalls;

  @Option(
      names = "--pid",
      paramLabel = "PID",
      description = "the gateway's process on this machine: its CPU and memory per call (Linux)")
  private @Nullable Long pid;

  @Option(names = "--json", paramLabel = "FILE", description = "write the report there")
  private @Nullable Path json;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "write a plot of latencies and CPU over calls there")
  private @Nullable Path svg;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  private boolean help;

  @Override
  public Integer call() {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    List<AutoCloseable> owned = new ArrayList<>();
    try {
      return load(owned);
    } catch (CallFailedException | IllegalArgumentException | IOException e) {
      err.println("linescribe load: " + e.getMessage());
      err.flush();
      return USAGE;
    } finally {
      for (AutoCloseable resource : owned.reversed()) {
        try {
          resource.close();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private int load(List<AutoCloseable> owned) throws IOException, CallFailedException {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    List<Slo> bounds = slo.stream().map(Slo::parse).toList();
    checkNumbers(bounds);
    Duration rampTime = Durations.parse("--ramp", ramp);
    Duration holdTime = Durations.parse("--hold", hold);
    List<RecordedCall> recordings = RecordedCall.find(files, null);
    List<Stage.Way> ways = ways(recordings, owned);
    List<Long> durationsNs =
        ways.getFirst().audio().stream().map(audio -> audio.durationMs() * 1_000_000L).toList();
    Schedule.of(1, rampTime, holdTime, durationsNs);
    GatewayUsage gateway = pid == null ? null : GatewayUsage.of(pid);
    Stage stage = new Stage(recordings, ways, gateway, gateway == null ? 0 : gateway.residentMiB());
    out.println("loading " + String.join(", ", to) + ": " + recordings.size() + " recordings");
    StageResult.HEADER.forEach(out::println);
    out.flush();
    List<StageResult> results = new ArrayList<>();
    LimitSearch search = findLimit ? new LimitSearch(calls.getFirst(), maxCalls) : null;
    try (HangUpAtExit _ = new HangUpAtExit()) {
      boolean met = true;
      while (true) {
        int next =
            search != null
                ? search.next()
                : results.size() < calls.size() ? calls.get(results.size()) : 0;
        if (next == 0) {
          break;
        }
        StageResult result =
            stage.run(next, Schedule.of(next, rampTime, holdTime, durationsNs), progress(out));
        results.add(result);
        met &= tell(out, result, bounds);
        if (result.interrupted()) {
          out.println("interrupted; the calls are hung up");
          met = false;
          break;
        }
        if (search != null) {
          search.ended(Slo.misses(bounds, result).isEmpty());
        }
        if (result.summary().exitStatus() == USAGE && !result.measured().isEmpty()) {
          throw new IOException(Objects.requireNonNull(result.measured().getFirst().failure()));
        }
      }
      if (search != null && search.next() == 0) {
        out.println(limitLine(search, bounds));
        met = search.limit() > 0;
      }
      out.flush();
      write(results, bounds, search);
      return met ? 0 : FAILED;
    }
  }

  private void checkNumbers(List<Slo> bounds) {
    for (int number : calls) {
      if (number < 1 || number > MOST_CALLS) {
        throw new IllegalArgumentException(
            "--calls: " + number + " (expected: 1.." + MOST_CALLS + ")");
      }
    }
    if (maxCalls < 1 || maxCalls > MOST_CALLS) {
      throw new IllegalArgumentException(
          "--max-calls: " + maxCalls + " (expected: 1.." + MOST_CALLS + ")");
    }
    if (findLimit && bounds.isEmpty()) {
      throw new IllegalArgumentException(
          "--find-limit: says not what to keep (expected: --slo, such as --slo final-p95=1500ms)");
    }
  }

  /** Each target with each codec; a recording is read once for each codec. */
  private List<Stage.Way> ways(List<RecordedCall> recordings, List<AutoCloseable> owned)
      throws IOException, CallFailedException {
    Map<Codec, List<CallAudio>> audio = new LinkedHashMap<>();
    for (Codec codec : codecs) {
      List<CallAudio> all = new ArrayList<>();
      for (RecordedCall recording : recordings) {
        all.add(CallAudio.read(recording.file(), codec.law));
      }
      audio.put(codec, all);
    }
    List<Stage.Way> ways = new ArrayList<>();
    for (String target : to) {
      for (Map.Entry<Codec, List<CallAudio>> codec : audio.entrySet()) {
        Caller caller = Caller.to(target, codec.getKey().law, true, subscription.headers());
        owned.add(caller);
        CallPlacer placer =
            new CallPlacer(
                caller,
                codec.getKey().law,
                subscription.addresses(target),
                subscription.headers(),
                Durations.parse("--patience", patience),
                subscription.endpointMs());
        owned.add(placer);
        ways.add(new Stage.Way(placer, codec.getValue()));
      }
    }
    return ways;
  }

  /** On a terminal a line that is written over each second; else nothing. */
  private static Consumer<String> progress(PrintWriter out) {
    if (System.console() == null || !System.console().isTerminal()) {
      return _ -> {};
    }
    return line -> {
      out.print("\r\033[K" + line);
      out.flush();
    };
  }

  private static boolean tell(PrintWriter out, StageResult result, List<Slo> bounds) {
    if (System.console() != null && System.console().isTerminal()) {
      out.print("\r\033[K");
    }
    out.println(result.row());
    result.failures().forEach((why, count) -> out.println("      " + count + " × " + why));
    List<String> misses = Slo.misses(bounds, result);
    if (!bounds.isEmpty() && !misses.isEmpty()) {
      out.println("      missed: " + String.join(", ", misses));
    }
    if (result.lateShare() > LATE) {
      out.println(
          "      warning: this machine sent %.1f %% of the frames late: the figures are its own"
              .formatted(100 * result.lateShare()));
    }
    out.flush();
    return misses.isEmpty();
  }

  private static String limitLine(LimitSearch search, List<Slo> bounds) {
    String kept = String.join(", ", bounds.stream().map(Slo::toString).toList());
    if (search.limit() == 0) {
      return "limit: below the fewest calls that were tried (" + kept + ")";
    }
    return "limit: "
        + (search.isCutOff() ? "at least " : "")
        + search.limit()
        + " calls at once ("
        + kept
        + ")";
  }

  private void write(List<StageResult> results, List<Slo> bounds, @Nullable LimitSearch search)
      throws IOException {
    if (json != null) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("to", to);
      report.put("codecs", codecs.stream().map(Codec::name).toList());
      report.put("processors", Runtime.getRuntime().availableProcessors());
      report.put("jdk", Runtime.version().toString());
      report.put("slo", bounds.stream().map(Slo::toString).toList());
      if (search != null && search.next() == 0) {
        report.put("limit", search.limit());
      }
      report.put(
          "stages",
          results.stream().map(stage -> stage.fields(Slo.misses(bounds, stage))).toList());
      write(json, JSON.writeValueAsString(report) + "\n");
    }
    if (svg != null) {
      write(svg, LoadPlot.svg("linescribe load " + String.join(", ", to), results));
    }
  }

  private static void write(Path file, String text) throws IOException {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new IOException(file + ": the report cannot be written there", e);
    }
  }
}
