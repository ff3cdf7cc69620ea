package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.SharedMariaDb;

class MariaDbSegmentStoreTest extends SegmentStoreContract {
  @Override
  SegmentStore open() {
    return SqlSegmentStore.connect(
        new SqlStoreSettings(
            SharedMariaDb.url(SharedMariaDb.port(), SharedMariaDb.newDatabase()),
            "root",
            "",
            10,
            Duration.ofSeconds(30),
            Duration.ofSeconds(30)));
  }

  @Test
  void serverThatIsDownAtTheStartIsUsedWhenItIsUp() throws Exception {
    SessionId id = new SessionId("later");
    try (CuttableProxy way = new CuttableProxy(SharedMariaDb.port())) {
      way.cut();
      SqlStoreSettings settings =
          new SqlStoreSettings(
              SharedMariaDb.url(way.port(), SharedMariaDb.newDatabase()),
              "root",
              "",
              4,
              Duration.ofSeconds(1),
              Duration.ofSeconds(30));
      try (SegmentStore late = SqlSegmentStore.connect(settings)) {
        assertThatThrownBy(() -> late.lastSeq(id)).isInstanceOf(StoreUnavailableException.class);
        assertThat(late.isReachable()).isFalse();

        way.mend();

        Awaitility.await().until(late::isReachable);
        late.write(new StoreWrite.Appended(segment(id, 1, "one")));
        assertThat(late.lastSeq(id)).isEqualTo(1);
      }
    }
  }

  @Test
  void unknownDatabaseStopsTheStartWithItsReason() {
    SqlStoreSettings settings =
        new SqlStoreSettings(
            SharedMariaDb.url(SharedMariaDb.port(), "nowhere"),
            "root",
            "",
            2,
            Duration.ofSeconds(2),
            Duration.ofSeconds(30));
    assertThatThrownBy(() -> SqlSegmentStore.connect(settings))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("linescribe.mysql.url: ");
  }

  @Test
  void callersWhoFindTheServerDownAtTheStartDoNotWaitForEachOther() throws Exception {
    try (CuttableProxy way = new CuttableProxy(SharedMariaDb.port())) {
      way.cut();
      SqlStoreSettings settings =
          new SqlStoreSettings(
              SharedMariaDb.url(way.port(), "nowhere"),
              "root",
              "",
              4,
              Duration.ofSeconds(1),
              Duration.ofSeconds(1));
      try (SegmentStore down = SqlSegmentStore.connect(settings);
          ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Long>> calls =
            IntStream.range(0, 120)
                .mapToObj(i -> callers.submit(() -> down.lastSeq(new SessionId("call-" + i))))
                .toList();

        // One after another they need two minutes.
        Awaitility.await().until(() -> calls.stream().allMatch(Future::isDone));
        assertThat(calls)
            .allSatisfy(
                call ->
                    assertThatThrownBy(call::get)
                        .hasCauseInstanceOf(StoreUnavailableException.class));
      }
    }
  }
}
