package org.linescribe.session.numbering;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.pipeline.MemoryStore;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.testsupport.Patience;

/** Two writers of a session, of which one stood still while the other took its lease. */
class SequencerTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path folder;
  private final MemoryStore database = new MemoryStore();

  /** A right to write as a test says. */
  private static final class TestGrant implements SourceLease.Grant {
    boolean holds = true;
    boolean confirmed = true;
    long written;

    @Override
    public long token() {
      return 1;
    }

    @Override
    public long previousToken() {
      return 0;
    }

    @Override
    public long writtenSeq() {
      return 0;
    }

    @Override
    public boolean holds() {
      return holds;
    }

    @Override
    public boolean isConfirmed() {
      return holds && confirmed;
    }

    @Override
    public void wrote(long seq) {
      written = seq;
    }

    @Override
    public void release() {}
  }

  private DurableStore store(String name) {
    return DurableStore.open(
        database,
        folder.resolve(name),
        1 << 20,
        Patience.LIMIT,
        new SimpleMeterRegistry(),
        id -> {});
  }

  private static Segment said(String text, long seq) {
    return new Segment(ID, seq, "caller", text, 0, 10, List.of(), "model", Instant.EPOCH);
  }

  @Test
  void newWriterNumbersItsFinalBehindOneThatTheOldWriterStoredLate() throws Exception {
    TestGrant grant = new TestGrant();
    try (DurableStore store = store("new")) {
      Sequencer newWriter = new Sequencer(ID, store, grant, 5);
      database.write(new StoreWrite.Appended(said("OLD", 5)));
      database.write(new StoreWrite.Appended(said("OLDER", 6)));

      Optional<Segment> first = newWriter.append(seq -> said("NEW", seq));
      Optional<Segment> second = newWriter.append(seq -> said("NEXT", seq));

      assertThat(first).contains(said("NEW", 7));
      assertThat(second).contains(said("NEXT", 8));
      assertThat(grant.written).isEqualTo(8);
      assertThat(database.segments(ID, 5, 10))
          .extracting(Segment::text)
          .containsExactly("OLD", "OLDER", "NEW", "NEXT");
    }
  }

  @Test
  void oldWriterWhoseNumberTheNewWriterHasTakenStops() throws Exception {
    TestGrant grant = new TestGrant();
    try (DurableStore store = store("old")) {
      Sequencer oldWriter = new Sequencer(ID, store, grant, 5);
      database.write(new StoreWrite.Appended(said("NEW", 5)));

      Optional<Segment> late =
          oldWriter.append(
              seq -> {
                grant.holds = false;
                return said("OLD", seq);
              });

      assertThat(late).isEmpty();
      assertThat(database.segments(ID, 5, 10)).containsExactly(said("NEW", 5));
    }
  }

  @Test
  void writerWhoseLeaseNobodyConfirmsStopsAtAConflict() throws Exception {
    TestGrant grant = new TestGrant();
    grant.confirmed = false;
    try (DurableStore store = store("alone")) {
      Sequencer writer = new Sequencer(ID, store, grant, 5);
      database.write(new StoreWrite.Appended(said("OTHER", 5)));

      assertThat(writer.append(seq -> said("ALONE", seq))).isEmpty();
      assertThat(database.segments(ID, 5, 10)).containsExactly(said("OTHER", 5));
    }
  }
}
