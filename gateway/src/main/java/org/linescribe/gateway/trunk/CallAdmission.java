package org.linescribe.gateway.trunk;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.linescribe.gateway.digest.DigestServer;
import org.linescribe.gateway.digest.DigestServer.Verdict;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.session.calls.TrunkStatus;

/**
 * Decides on calls: which trunk's they are, whether it may place one more, and what they get.
 *
 * <p>Thread: any.
 */
public final class CallAdmission {
  private static final String REALM = "linescribe";

  private final LineSettings settings;
  private final DigestServer digests;
  private final Map<String, TrunkLoad> loads = new ConcurrentHashMap<>();

  public CallAdmission(LineSettings settings) {
    this.settings = settings;
    this.digests = new DigestServer(REALM, settings.algorithms(), this::password);
    settings.trunks().forEach(t -> loads.put(t.trunkName(), new TrunkLoad()));
  }

  private Optional<String> password(String username) {
    return settings.trunks().stream()
        .filter(trunk -> trunk.hasCredentials() && username.equals(trunk.username()))
        .map(Trunk::password)
        .findFirst();
  }

  /**
   * An INVITE, as far as it decides.
   *
   * @param source the host that it came from
   * @param requestHost host of the Request-URI
   * @param called user part of the Request-URI, empty if none
   * @param calling user part of the From header, empty if none
   * @param authorizations values of its Authorization headers
   */
  public record Caller(
      InetAddress source,
      String requestHost,
      String called,
      String calling,
      List<String> authorizations) {
    public Caller {
      authorizations = List.copyOf(authorizations);
    }
  }

  /** What becomes of a call. */
  public sealed interface Decision {
    /**
     * The call goes on; {@link CallAdmission#ended} gives its place back.
     *
     * @param trunk its trunk's name, empty for a stranger's call
     * @param srtp encryption of its media, where its trunk says
     * @param referralTargets whom its peer may have called by REFER
     */
    record Admitted(
        Optional<String> trunk,
        Route route,
        Optional<SrtpMode> srtp,
        ReferralTargets referralTargets)
        implements Decision {}

    /** 401 with these challenges. */
    record Challenged(List<String> challenges) implements Decision {}

    /** 403. */
    record Forbidden(String why) implements Decision {}

    /** 503: the trunk's limit is reached. */
    record Busy(String why) implements Decision {}
  }

  /** Decides, and takes a place of the trunk's when the call is admitted. */
  public Decision admit(Caller caller, long nowMs) {
    Decision decision = decide(caller, nowMs);
    if (!(decision instanceof Decision.Admitted admitted) || admitted.trunk().isEmpty()) {
      return decision;
    }
    String name = admitted.trunk().get();
    Trunk trunk =
        settings.trunks().stream()
            .filter(t -> t.trunkName().equals(name))
            .findFirst()
            .orElseThrow();
    return load(name).take(trunk, nowMs) ? decision : new Decision.Busy("Trunk limit reached");
  }

  /**
   * Whether an admitted call may place another by REFER: that counts in its trunk's calls per
   * second, not in those at once.
   */
  public boolean mayPlace(Decision.Admitted admitted, long nowMs) {
    return settings.trunks().stream()
        .filter(t -> admitted.trunk().equals(Optional.of(t.trunkName())))
        .allMatch(t -> load(t.trunkName()).takeToken(t, nowMs));
  }

  /** Decides as if the caller had proved the credentials of the first trunk that it may be. */
  public Decision decideProved(Caller caller) {
    List<Trunk> candidates = candidates(caller);
    return candidates.isEmpty()
        ? stranger(caller)
        : routed(Optional.of(candidates.getFirst()), caller);
  }

  private List<Trunk> candidates(Caller caller) {
    return settings.trunks().stream()
        .filter(trunk -> trunk.mayBe(caller.source(), caller.requestHost()))
        .toList();
  }

  private Decision decide(Caller caller, long nowMs) {
    List<Trunk> candidates = candidates(caller);
    boolean wantsCredentials = candidates.stream().anyMatch(Trunk::hasCredentials);
    List<DigestServer.Verified> proofs = new ArrayList<>();
    if (wantsCredentials) {
      caller.authorizations().forEach(a -> proofs.add(digests.verify(a, "INVITE", nowMs)));
    }
    for (Trunk trunk : candidates) {
      boolean isProved =
          !trunk.hasCredentials()
              || proofs.stream()
                  .anyMatch(
                      proof ->
                          proof.verdict() == Verdict.ACCEPTED
                              && proof.username().equals(trunk.username()));
      if (isProved) {
        return routed(Optional.of(trunk), caller);
      }
    }
    if (proofs.stream().anyMatch(proof -> proof.verdict() == Verdict.WRONG)) {
      return new Decision.Forbidden("Wrong credentials");
    }
    if (wantsCredentials) {
      boolean isStale = proofs.stream().anyMatch(proof -> proof.verdict() == Verdict.STALE);
      return new Decision.Challenged(digests.challenges(nowMs, isStale));
    }
    return stranger(caller);
  }

  private Decision stranger(Caller caller) {
    return settings.acceptsStrangers()
        ? routed(Optional.empty(), caller)
        : new Decision.Forbidden("Unknown caller");
  }

  private Decision routed(Optional<Trunk> trunk, Caller caller) {
    Optional<String> name = trunk.map(Trunk::trunkName);
    Route route =
        settings.routes().stream()
            .filter(r -> r.matches(caller.called(), caller.calling(), name.orElse("")))
            .findFirst()
            .orElse(Route.DEFAULT);
    return route.refuses()
        ? new Decision.Forbidden("Refused by a routing rule")
        : new Decision.Admitted(
            name,
            route,
            trunk.map(Trunk::srtp),
            trunk.map(Trunk::referralTargets).orElse(ReferralTargets.NONE));
  }

  /** Whether the caller has shown credentials. */
  public boolean hasProved(Decision.Admitted admitted) {
    return settings.trunks().stream()
        .anyMatch(t -> t.hasCredentials() && admitted.trunk().equals(Optional.of(t.trunkName())));
  }

  /** Position of a rule in the settings, from 1; 0 for none. */
  public int numberOf(Route route) {
    return settings.routes().indexOf(route) + 1;
  }

  /** An admitted call ended. */
  public void ended(Decision.Admitted admitted) {
    admitted.trunk().ifPresent(name -> load(name).give());
  }

  /** The trunks with their calls, in the order of the settings. */
  public List<TrunkStatus> trunks() {
    return settings.trunks().stream().map(trunk -> load(trunk.trunkName()).status(trunk)).toList();
  }

  private TrunkLoad load(String trunk) {
    return loads.computeIfAbsent(trunk, name -> new TrunkLoad());
  }

  /** Calls of a trunk now, and in the running second. */
  private static final class TrunkLoad {
    private int calls;
    private double tokens = Double.NaN;
    private long filledMs;
    private long refused;
    private Optional<TrunkStatus.Refusal> lastRefusal = Optional.empty();

    synchronized boolean take(Trunk trunk, long nowMs) {
      if (trunk.maxCalls() > 0 && calls >= trunk.maxCalls()) {
        return refuse("max-calls", nowMs);
      }
      if (!takeToken(trunk, nowMs)) {
        return false;
      }
      calls++;
      return true;
    }

    synchronized boolean takeToken(Trunk trunk, long nowMs) {
      int rate = trunk.callsPerSecond();
      if (rate > 0) {
        tokens =
            Double.isNaN(tokens)
                ? rate
                : Math.min(rate, tokens + Math.max(0, nowMs - filledMs) * rate / 1000.0);
        filledMs = nowMs;
        if (tokens < 1) {
          return refuse("calls-per-second", nowMs);
        }
        tokens--;
      }
      return true;
    }

    private boolean refuse(String reason, long nowMs) {
      refused++;
      lastRefusal = Optional.of(new TrunkStatus.Refusal(Instant.ofEpochMilli(nowMs), reason));
      return false;
    }

    synchronized TrunkStatus status(Trunk trunk) {
      return new TrunkStatus(
          trunk.trunkName(), calls, trunk.maxCalls(), refused, lastRefusal, Optional.empty());
    }

    synchronized void give() {
      calls--;
    }
  }
}
