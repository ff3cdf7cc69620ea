package org.linescribe.asr.worker;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.linescribe.asr.scheduler.StreamingEngine.Chunking;
import org.linescribe.asr.scheduler.StreamingEngine.EngineStream;
import org.linescribe.asr.utterance.TurnModel;
import org.linescribe.asr.utterance.VoiceActivity;
import org.linescribe.asr.utterance.WholeDecoder;

/**
 * A worker's side: serves one model to one gateway. Streams and detectors are known by numbers that
 * the gateway gives them, on whatever connection they come.
 *
 * <p>Thread: one for each connection, a platform thread, which runs what is asked on it.
 */
public final class WorkerServer implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 1024;
  private static final int MAX_OPEN = 20_000;

  /** Decodes whose readiness is tried before the chunks are trusted. */
  private static final int TRIED_CHUNKS = 12;

  private final @Nullable StreamingEngine engine;
  private final @Nullable WholeDecoder decoder;
  private final VoiceActivity.@Nullable Factory detectors;
  private final @Nullable TurnModel turns;
  private final Messages.Served served;
  private final ServerSocketChannel listening;
  private final Map<Long, ServedStream> streams = new ConcurrentHashMap<>();
  private final Map<Long, VoiceActivity> open = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();

  private WorkerServer(
      Path socket,
      @Nullable StreamingEngine engine,
      @Nullable WholeDecoder decoder,
      VoiceActivity.@Nullable Factory detectors,
      @Nullable TurnModel turns)
      throws IOException {
    this.engine = engine;
    this.decoder = decoder;
    this.detectors = detectors;
    this.turns = turns;
    this.served = describe();
    this.listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    // Last: whoever can connect can be served.
    listening.bind(UnixDomainSocketAddress.of(socket));
  }

  /** Listens for a gateway that wants a streaming model; the model stays the caller's. */
  public static WorkerServer streaming(Path socket, StreamingEngine engine) throws IOException {
    return new WorkerServer(socket, engine, null, null, null);
  }

  /**
   * Listens for a gateway that wants whole utterances; all of them stay the caller's.
   *
   * @param detectors null where something else finds speech
   * @param turns null where silence alone ends utterances
   */
  public static WorkerServer whole(
      Path socket,
      WholeDecoder decoder,
      VoiceActivity.@Nullable Factory detectors,
      @Nullable TurnModel turns)
      throws IOException {
    return new WorkerServer(socket, null, decoder, detectors, turns);
  }

  private Messages.Served describe() {
    if (engine != null) {
      Chunking chunks = engine.chunking();
      return new Messages.Served(
          true,
          engine.sampleRateHz(),
          chunks.firstSamples(),
          chunks.shiftSamples(),
          isExact(engine),
          engine.takesHotwords(),
          0,
          false,
          0,
          0);
    }
    int delayMs = 0;
    int hangoverMs = 0;
    if (detectors != null) {
      try (VoiceActivity one = detectors.open()) {
        delayMs = one.delayMs();
        hangoverMs = one.hangoverMs();
      }
    }
    WholeDecoder whole = decoder();
    return new Messages.Served(
        false,
        whole.sampleRateHz(),
        0,
        0,
        false,
        false,
        whole.maxMs(),
        whole.isTimed(),
        delayMs,
        hangoverMs);
  }

  private static boolean isExact(StreamingEngine engine) {
    Chunking chunks = engine.chunking();
    float[] silence = new float[chunks.firstSamples()];
    try (EngineStream stream = engine.open()) {
      stream.accept(silence, chunks.firstSamples());
      for (int i = 0; i < TRIED_CHUNKS; i++) {
        if (!stream.isReady()) {
          return false;
        }
        engine.decode(List.of(stream));
        stream.accept(silence, chunks.shiftSamples());
      }
      return true;
    }
  }

  /** Serves until this is closed; blocks. */
  public void run() throws IOException {
    while (listening.isOpen()) {
      SocketChannel connection = listening.accept();
      if (connections.incrementAndGet() > MAX_CONNECTIONS) {
        connections.decrementAndGet();
        connection.close();
        continue;
      }
      Thread.ofPlatform().daemon().name("worker-serve").start(() -> serve(connection));
    }
  }

  /** Ends {@link #run} and refuses further connections. */
  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void serve(SocketChannel connection) {
    Frame frame = new Frame();
    try (connection) {
      while (true) {
        int kind = frame.receive(connection);
        answer(kind, frame);
        frame.send(connection);
      }
    } catch (EOFException gone) {
      // The gateway closed the connection, or ended; the latter ends this process.
    } catch (IOException | RuntimeException broken) {
      System.err.println("worker: a connection was closed: " + broken);
    } finally {
      connections.decrementAndGet();
    }
  }

  /** Replaces the request in the frame by its answer. */
  private void answer(int kind, Frame frame) throws ProtocolException {
    try {
      switch (kind) {
        case Messages.HELLO -> hello(frame);
        case Messages.STEP -> step(frame);
        case Messages.WHOLE -> whole(frame);
        case Messages.PREPARE -> prepare(frame);
        case Messages.HEAR -> hear(frame);
        case Messages.TURN -> turn(frame);
        default -> throw new ProtocolException("kind " + kind);
      }
    } catch (RuntimeException refused) {
      frame.begin(Messages.REFUSED).put(Messages.text(refused));
    }
  }

  private void hello(Frame frame) throws ProtocolException {
    Messages.checkVersion(frame);
    frame.end();
    served.write(frame.begin(Messages.HELLO));
  }

  private void whole(Frame frame) throws ProtocolException {
    long startMs = frame.getLong();
    String language = frame.getText();
    float[] pcm = frame.getSamples();
    frame.end();
    Messages.write(frame.begin(Messages.WHOLE), decoder().speaking(language).decode(pcm, startMs));
  }

  private void prepare(Frame frame) throws ProtocolException {
    String language = frame.getText();
    frame.end();
    frame.begin(Messages.PREPARE).put(decoder().prepare(language));
  }

  private void turn(Frame frame) throws ProtocolException {
    float[] pcm = frame.getSamples();
    frame.end();
    if (turns == null) {
      throw new RecogniserException("no model of turns");
    }
    frame.begin(Messages.TURN).put(turns.finished(pcm));
  }

  private WholeDecoder decoder() {
    if (decoder == null) {
      throw new RecogniserException("no model of whole utterances");
    }
    return decoder;
  }

  private void hear(Frame frame) throws ProtocolException {
    int closed = frame.getCount(Long.BYTES);
    for (int i = 0; i < closed; i++) {
      VoiceActivity ended = open.remove(frame.getLong());
      if (ended != null) {
        synchronized (ended) {
          ended.close();
        }
      }
    }
    long number = frame.getLong();
    int flags = frame.getByte();
    float[] windows = frame.getSamples();
    frame.end();
    VoiceActivity detector =
        (flags & Messages.OPENS) == 0 ? open.get(number) : openDetector(number);
    if (detector == null) {
      throw new RecogniserException("detector " + number + " is not open");
    }
    int count = windows.length / VoiceActivity.WINDOW_SAMPLES;
    frame.begin(Messages.HEAR).put(count);
    synchronized (detector) {
      for (int i = 0; i < count; i++) {
        frame.put(detector.hear(windows, i * VoiceActivity.WINDOW_SAMPLES));
      }
    }
  }

  private VoiceActivity openDetector(long number) {
    if (detectors == null || open.size() >= MAX_OPEN) {
      throw new RecogniserException("no detector of voice activity");
    }
    VoiceActivity detector = detectors.open();
    VoiceActivity before = open.put(number, detector);
    if (before != null) {
      before.close();
    }
    return detector;
  }

  private void step(Frame frame) throws ProtocolException {
    StreamingEngine streaming = engine;
    if (streaming == null) {
      throw new RecogniserException("no streaming model");
    }
    int closed = frame.getCount(Long.BYTES);
    for (int i = 0; i < closed; i++) {
      ServedStream ended = streams.remove(frame.getLong());
      if (ended != null) {
        ended.close();
      }
    }
    List<StepEntry> entries = new ArrayList<>();
    try {
      for (int count = frame.getCount(Messages.ENTRY_BYTES); count > 0; count--) {
        entries.add(read(frame, streaming));
      }
      frame.end();
      entries.forEach(StepEntry::feed);
      decode(entries, streaming);
      frame.begin(Messages.STEP);
      entries.forEach(entry -> entry.write(frame));
    } finally {
      entries.forEach(StepEntry::release);
    }
  }

  private StepEntry read(Frame frame, StreamingEngine streaming) throws ProtocolException {
    long number = frame.getLong();
    int flags = frame.getByte();
    boolean opens = (flags & Messages.OPENS) != 0;
    List<String> hotwords = opens ? frame.getTexts() : List.of();
    StepEntry entry =
        new StepEntry((flags & Messages.FINISHES) != 0, frame.getInt(), frame.getSamples());
    entry.attempt(
        () -> {
          if (opens) {
            openStream(number, hotwords, streaming);
          }
          entry.claim(streams.get(number));
        });
    return entry;
  }

  private void openStream(long number, List<String> hotwords, StreamingEngine streaming) {
    if (streams.size() >= MAX_OPEN) {
      throw new RecogniserException("too many open streams");
    }
    ServedStream opened = new ServedStream(streaming.open(new Hotwords(hotwords)));
    if (streams.putIfAbsent(number, opened) != null) {
      opened.close();
      throw new RecogniserException("stream " + number + " is open already");
    }
  }

  /** One chunk of every stream that wants one, again and again. */
  private static void decode(List<StepEntry> entries, StreamingEngine streaming) {
    while (true) {
      List<StepEntry> due = entries.stream().filter(StepEntry::isDue).toList();
      if (due.isEmpty()) {
        return;
      }
      try {
        streaming.decode(due.stream().map(StepEntry::stream).toList());
        due.forEach(StepEntry::decoded);
      } catch (RuntimeException failed) {
        // The library does not say which stream it was.
        due.forEach(entry -> entry.decodeAlone(streaming));
      }
    }
  }
}
