package org.linescribe.gateway.trunk;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.linescribe.gateway.sip.SipClient;
import org.linescribe.gateway.sip.SipReply;
import org.linescribe.session.calls.TrunkStatus;
import org.linescribe.session.calls.TrunkStatus.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the trunks whose setting says whom by OPTIONS whether they are there, each on a virtual
 * thread of its own. What comes of it is only told: the gateway places no calls that could go
 * elsewhere.
 *
 * <p>Any answer but 503 shows that the peer serves: many answer 404 or 405 to an OPTIONS without a
 * user. Source: RFC 3261 §11.
 *
 * <p>Thread: {@link #start} and {@link #close} from one thread, the rest from any.
 */
public final class TrunkProbes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrunkProbes.class);

  /** The stack gives up a transaction after 32 s. */
  private static final long ANSWER_S = 40;

  private final List<Trunk> trunks;
  private final SipClient client;
  private final MeterRegistry registry;
  private final Clock clock;
  private final Map<String, Peer> peers = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  public TrunkProbes(LineSettings settings, SipClient client, MeterRegistry registry, Clock clock) {
    this.trunks = settings.trunks().stream().filter(Trunk::isAsked).toList();
    this.client = client;
    this.registry = registry;
    this.clock = clock;
  }

  public void start() {
    for (Trunk trunk : trunks) {
      String name = trunk.trunkName();
      Gauge.builder("linescribe.trunk.up", () -> up(name))
          .description("1 where the trunk's peer answers OPTIONS, 0 where not; NaN: not known yet.")
          .tag("trunk", name)
          .register(registry);
      threads.add(
          Thread.ofVirtual().name("linescribe-trunk-" + name).start(() -> keepAsking(trunk)));
    }
  }

  private double up(String trunk) {
    Peer peer = peers.get(trunk);
    return peer == null ? Double.NaN : peer.isUp() ? 1 : 0;
  }

  private void keepAsking(Trunk trunk) {
    try {
      do {
        SipReply reply =
            client
                .ask(Objects.requireNonNull(trunk.options()))
                .toCompletableFuture()
                .completeOnTimeout(SipReply.none(), ANSWER_S, TimeUnit.SECONDS)
                .get();
        answered(trunk, !reply.isUnavailable(), reply.status());
      } while (!closing.await(
          Objects.requireNonNull(trunk.optionsInterval()).toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    } catch (ExecutionException | RuntimeException bug) {
      LOG.error("asking {} failed", trunk, bug);
    }
  }

  private void answered(Trunk trunk, boolean isUp, int status) {
    Peer before = peers.get(trunk.trunkName());
    boolean changed = before == null || before.isUp() != isUp;
    Instant since = changed ? clock.instant() : before.since();
    peers.put(trunk.trunkName(), new Peer(isUp, status, since));
    if (changed && isUp) {
      LOG.info("trunk {} is up: {}", trunk.trunkName(), status);
    } else if (changed) {
      LOG.warn("trunk {} is down: {}", trunk.trunkName(), status);
    }
  }

  /** What is known of a trunk's peer; empty where none is asked, or has not been long enough. */
  public Optional<Peer> peer(String trunk) {
    return Optional.ofNullable(peers.get(trunk));
  }

  /** With what is known of its peer. */
  public TrunkStatus with(TrunkStatus trunk) {
    return trunk.with(peer(trunk.name()));
  }

  /** Asks no more; returns at once. */
  @Override
  public void close() {
    closing.countDown();
    threads.forEach(Thread::interrupt);
  }
}
