package org.linescribe.asr.sherpa;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.linescribe.asr.worker.ChildJvm;
import org.linescribe.asr.worker.WorkerPool;
import org.linescribe.asr.worker.WorkerServer;
import org.linescribe.asr.worker.WorkerSocket;

/**
 * A worker process: loads one model and serves it until the gateway that started it is gone.
 *
 * <p>Arguments: its socket, the threshold of voice activity or {@code none}, whether there is a
 * model of turns, then the model's as {@link ModelFiles#arguments} gives them.
 */
final class WorkerMain {
  /** The heap is for messages under way; the model's memory is native. */
  private static final List<String> OPTIONS = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

  private static final String NONE = "none";

  private WorkerMain() {}

  public static void main(String[] args) throws IOException {
    ignoreSignals();
    preferredByOutOfMemoryKiller();
    Path socket = Path.of(args[0]);
    ChildJvm.endWithParent(() -> WorkerSocket.delete(socket), 0);
    ModelFiles model = ModelFiles.of(List.of(args).subList(3, args.length));
    if (model.type().isStreaming()) {
      WorkerServer.streaming(socket, SherpaEngine.load(model)).run();
      return;
    }
    WorkerServer.whole(
            socket,
            new OfflineSherpaRecogniser(model),
            args[1].equals(NONE) ? null : new SileroVoiceActivity.Pool(Double.parseDouble(args[1])),
            Boolean.parseBoolean(args[2]) ? new SmartTurn() : null)
        .run();
  }

  /** Workers that serve a model alone. */
  static WorkerPool pool(String name, ModelFiles model, int count, MeterRegistry registry) {
    return pool(name, List.of(NONE, "false"), model, count, registry);
  }

  /** Workers that serve a model of whole utterances and what finds these. */
  static WorkerPool pool(
      String name,
      ModelFiles model,
      double threshold,
      boolean turns,
      int count,
      MeterRegistry registry) {
    List<String> more = List.of(Double.toString(threshold), Boolean.toString(turns));
    return pool(name, more, model, count, registry);
  }

  private static WorkerPool pool(
      String name, List<String> more, ModelFiles model, int count, MeterRegistry registry) {
    return new WorkerPool(
        name,
        count,
        socket -> {
          List<String> arguments = new ArrayList<>();
          arguments.add(socket.toString());
          arguments.addAll(more);
          arguments.addAll(model.arguments());
          return ChildJvm.of(WorkerMain.class, socket.getParent(), OPTIONS, arguments)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
        },
        registry);
  }

  /**
   * Ctrl-C and systemd's stop reach every process of the gateway, which still needs this one to
   * recognise what was said last. It says by itself when it is done.
   */
  private static void ignoreSignals() {
    try {
      // By reflection: the compiler warns of the JDK's own class, whatever is suppressed.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ignore = handler.getField("SIG_IGN").get(null);
      for (String name : List.of("INT", "TERM", "HUP")) {
        Object known = signal.getConstructor(String.class).newInstance(name);
        signal.getMethod("handle", signal, handler).invoke(null, known, ignore);
      }
    } catch (ReflectiveOperationException | IllegalArgumentException unknown) {
      System.err.println("worker: signals end it: " + unknown);
    }
  }

  /** Where memory runs out on Linux, a worker goes before the gateway: it is replaced. */
  private static void preferredByOutOfMemoryKiller() {
    try {
      Files.writeString(Path.of("/proc/self/oom_score_adj"), "500");
    } catch (IOException notLinux) {
      // Then as any other process.
    }
  }
}
