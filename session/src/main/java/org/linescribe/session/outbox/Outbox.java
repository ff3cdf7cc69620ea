package org.linescribe.session.outbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.storage.DataFolder;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes that are durable here and not yet in the store: an append-only log in one directory.
 *
 * <p>{@link #append} returns after fsync. What a killed process left is found again by {@link
 * #open}; a torn last record is dropped, because it was not acknowledged. A drained file is
 * deleted, so records may be drained twice after a crash: the store's writes are idempotent. Bytes
 * stay in the files; only an index is in memory. Thread: any.
 */
final class Outbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
  private static final long FILE_BYTES = 16L << 20;

  private final Path directory;
  private final long maxBytes;
  private final DirectoryLock directoryLock;
  private final LogFile.Opener opener;
  private final ReentrantLock syncing = new ReentrantLock();
  private final Deque<LogFile> files = new ArrayDeque<>();
  private final OutboxIndex index = new OutboxIndex();
  private long bytes;
  private boolean stopped;
  private boolean closed;

  private Outbox(
      Path directory, long maxBytes, DirectoryLock directoryLock, LogFile.Opener opener) {
    this.opener = opener;
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.directoryLock = directoryLock;
  }

  /**
   * Opens the outbox of a gateway and finds what an earlier process left in it.
   *
   * @param maxBytes bound on the files together; beyond it {@link #append} throws
   * @throws IllegalStateException when another process uses the directory, or it cannot be used
   */
  static Outbox open(Path directory, long maxBytes) {
    return open(directory, maxBytes, LogFile.Opener.READ_WRITE);
  }

  static Outbox open(Path directory, long maxBytes, LogFile.Opener opener) {
    try {
      DataFolder.create(directory);
      DirectoryLock taken = DirectoryLock.take(directory);
      Outbox outbox = new Outbox(directory, maxBytes, taken, opener);
      try {
        outbox.recover();
      } catch (IOException | RuntimeException broken) {
        outbox.close();
        throw broken;
      }
      return outbox;
    } catch (IOException unusable) {
      throw new IllegalStateException(
          "outbox directory " + directory + " cannot be used: " + unusable, unusable);
    }
  }

  private synchronized void recover() throws IOException {
    List<Path> left;
    try (Stream<Path> listed = Files.list(directory)) {
      left =
          listed
              .filter(p -> p.getFileName().toString().matches("outbox-\\d{10}\\.log"))
              .sorted()
              .toList();
    }
    for (Path path : left) {
      LogFile file = LogFile.open(path, opener);
      files.addLast(file);
      LogFile.Scan scan = file.scan((offset, length, json) -> index(file, offset, length, json));
      if (scan.droppedBytes() > 0) {
        LOG.warn("{}: dropped {} bytes after the last whole record", path, scan.droppedBytes());
      }
      bytes += file.size;
    }
    List<LogFile> drained = files.stream().filter(f -> f.undrained == 0).toList();
    for (LogFile file : drained) {
      delete(file);
    }
    if (!index.isEmpty()) {
      LOG.info("{}: {} changes wait for the segment store", directory, index.size());
    }
  }

  private void index(LogFile file, long offset, int length, String json) {
    StoreWrite write;
    try {
      write = StoreWriteJson.read(json);
    } catch (IllegalArgumentException foreign) {
      LOG.error("{}: record at {} is not of this version; kept in the file", file.path, offset);
      file.undrained++;
      return;
    }
    index.add(file, offset, length, write);
  }

  /**
   * Makes a change durable here.
   *
   * @throws UncheckedIOException when the disk refuses it or the bound is reached: it is not
   *     durable
   */
  void append(StoreWrite write) {
    byte[] json = StoreWriteJson.write(write).getBytes(StandardCharsets.UTF_8);
    LogFile file;
    long end;
    synchronized (this) {
      try {
        if (closed) {
          throw new UncheckedIOException(new IOException("the outbox is closed"));
        }
        if (bytes + json.length > maxBytes) {
          throw new UncheckedIOException(
              new IOException("the outbox is full: " + bytes + " bytes (limit: " + maxBytes + ")"));
        }
        file = writable();
        long before = file.size;
        long offset = file.append(json);
        bytes += file.size - before;
        end = file.size;
        index.add(file, offset, json.length, write);
        notifyAll();
      } catch (IOException refused) {
        throw new UncheckedIOException(refused);
      }
    }
    sync(file, end);
  }

  private LogFile writable() throws IOException {
    LogFile last = files.peekLast();
    if (last != null && last.size < FILE_BYTES && !last.broken) {
      return last;
    }
    long number =
        last == null
            ? 1
            : 1 + Long.parseLong(last.path.getFileName().toString().replaceAll("\\D", ""));
    LogFile made =
        LogFile.open(
            directory.resolve(String.format(java.util.Locale.ROOT, "outbox-%010d.log", number)),
            opener);
    try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
      entry.force(true);
    }
    files.addLast(made);
    return made;
  }

  /** One fsync serves every writer whose record lies before it. */
  private void sync(LogFile file, long end) {
    syncing.lock();
    try {
      if (file.synced >= end || file.deleted) {
        return;
      }
      if (file.broken) {
        // The kernel may have dropped these bytes too when it failed, and would not say so again.
        throw new IOException(file.path + ": an earlier fsync failed");
      }
      long upTo = file.size;
      file.force();
      file.synced = upTo;
    } catch (IOException refused) {
      // A later fsync of this file may succeed without these bytes: it gets no more of them.
      file.broken = true;
      throw new UncheckedIOException(refused);
    } finally {
      syncing.unlock();
    }
  }

  /** Lets {@link #awaitOldest} return; appending goes on until {@link #close}. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** The oldest change, waiting for one; null when stopped. */
  synchronized OutboxIndex.@Nullable Pending awaitOldest() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    while (index.isEmpty() && !stopped) {
      wait();
    }
    return stopped ? null : index.oldest();
  }

  StoreWrite read(OutboxIndex.Pending entry) {
    try {
      return StoreWriteJson.read(entry.file().read(entry.offset(), entry.length()));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /**
   * Forgets the oldest change, which is in the store; true when it was its session's last. After
   * {@link #close} it does nothing: the directory may be another's, who drains it once more.
   */
  synchronized boolean drained(OutboxIndex.Pending entry) {
    if (closed) {
      return false;
    }
    try {
      if (index.remove(entry)) {
        delete(entry.file());
      }
    } catch (IOException undeletable) {
      LOG.warn(
          "{}: {} cannot be deleted: {}", directory, entry.file().path, undeletable.toString());
    } finally {
      notifyAll();
    }
    return entries(entry.sessionId()).isEmpty();
  }

  private void delete(LogFile file) throws IOException {
    syncing.lock();
    try {
      file.deleted = true;
      files.remove(file);
      bytes -= file.size;
      file.close();
      Files.deleteIfExists(file.path);
    } finally {
      syncing.unlock();
    }
  }

  synchronized boolean isDrained() {
    return index.isEmpty();
  }

  synchronized boolean awaitDrained(long atMostNs) throws InterruptedException {
    long dueNs = System.nanoTime() + atMostNs;
    for (long leftNs = atMostNs; !index.isEmpty() && leftNs > 0; ) {
      TimeUnit.NANOSECONDS.timedWait(this, leftNs);
      leftNs = dueNs - System.nanoTime();
    }
    return index.isEmpty();
  }

  /** Segments that wait. */
  synchronized long segments() {
    return index.segments();
  }

  /** Highest number of the session that waits here, 0 when none does. */
  long lastSeq(SessionId sessionId) {
    return entries(sessionId).stream().mapToLong(e -> e.seq()).max().orElse(0);
  }

  /** The session's segments that wait here, from a number on, in order. */
  List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    List<Segment> found = new ArrayList<>();
    for (OutboxIndex.Pending entry : entries(sessionId)) {
      if (entry.seq() >= fromSeq
          && entry.seq() > 0
          && found.size() < limit
          && readUnlessDrained(entry).orElse(null) instanceof StoreWrite.Appended appended) {
        found.add(appended.segment());
      }
    }
    return found;
  }

  /** The session's changes other than segments that wait here, in order. */
  List<StoreWrite> changes(SessionId sessionId) {
    return entries(sessionId).stream()
        .filter(e -> e.seq() == 0)
        .flatMap(e -> readUnlessDrained(e).stream())
        .toList();
  }

  /** Sessions whose opening or end waits here. */
  synchronized List<SessionId> changedSessions() {
    return index.changed();
  }

  /** Whether anything of the session waits here. */
  boolean holds(SessionId sessionId) {
    return !entries(sessionId).isEmpty();
  }

  private synchronized List<OutboxIndex.Pending> entries(SessionId sessionId) {
    return index.of(sessionId);
  }

  /** Empty when it was drained meanwhile: the store has it then. */
  private Optional<StoreWrite> readUnlessDrained(OutboxIndex.Pending entry) {
    try {
      return Optional.of(read(entry));
    } catch (UncheckedIOException gone) {
      synchronized (this) {
        if (entry.file().deleted) {
          return Optional.empty();
        }
      }
      throw gone;
    }
  }

  @Override
  public synchronized void close() {
    try {
      if (closed) {
        return;
      }
      closed = true;
      stopped = true;
      notifyAll();
      for (LogFile file : files) {
        file.close();
      }
      directoryLock.close();
    } catch (IOException ignored) {
      LOG.warn("{}: not closed cleanly: {}", directory, ignored.toString());
    }
  }
}
