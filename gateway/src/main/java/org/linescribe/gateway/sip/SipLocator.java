package org.linescribe.gateway.sip;

import gov.nist.javax.sip.stack.HopImpl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.sip.address.Hop;
import javax.sip.address.SipURI;
import org.xbill.DNS.NAPTRRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupSession;

/**
 * Finds the servers of a SIP URI by NAPTR, SRV and address records.
 *
 * <p>Thread: any; blocks. Source: RFC 3263 §4, RFC 2782.
 */
public final class SipLocator {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int DNS_PORT = 53;

  /** Each costs a lookup of its address, and a registration the timeout of a transaction. */
  private static final int MAX_SERVICES = 16;

  /** Services of NAPTR records, by transport. */
  private static final Map<String, SipProtocol> SERVICES =
      Map.of("SIP+D2U", SipProtocol.UDP, "SIP+D2T", SipProtocol.TCP, "SIPS+D2T", SipProtocol.TLS);

  private final LookupSession dns;

  /**
   * @param server ADDRESS or ADDRESS:PORT of a DNS server; empty: those of the system
   * @throws IllegalArgumentException where it is no address
   */
  public SipLocator(String server) {
    LookupSession.LookupSessionBuilder builder = LookupSession.defaultBuilder();
    if (!server.isBlank()) {
      SimpleResolver resolver = new SimpleResolver(address(server));
      resolver.setTimeout(PATIENCE);
      builder.clearCaches().resolver(resolver);
    }
    dns = builder.build();
  }

  /**
   * Checks the value of a setting.
   *
   * @throws IllegalArgumentException where it is no address
   */
  public static void check(String server) {
    if (!server.isBlank()) {
      address(server);
    }
  }

  private static InetSocketAddress address(String text) {
    String host = text.strip();
    int port = DNS_PORT;
    int colon = host.lastIndexOf(':');
    try {
      if (colon > 0 && (host.indexOf(':') == colon || host.charAt(colon - 1) == ']')) {
        port = Integer.parseInt(host.substring(colon + 1));
        host = host.substring(0, colon);
      }
      return new InetSocketAddress(InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")), port);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "linescribe.registration.dns: '" + text + "' (expected: ADDRESS or ADDRESS:PORT)", e);
    }
  }

  /** A server's address, and how to speak with it. */
  record Target(SipProtocol protocol, InetAddress address, int port) {
    /** For {@link SourceRouter}. */
    Hop hop() {
      return new HopImpl(address.getHostAddress(), port, protocol.lowerCase());
    }
  }

  private record Service(SipProtocol protocol, String host, int port) {}

  /**
   * The servers of a URI, the one to try first at the front.
   *
   * @param fallback transport where neither the URI nor its records name one, unless the URI is a
   *     sips one; where it is secure, so are the servers of a URI that names none
   * @param isServed whether the gateway speaks a protocol
   * @return may be changed
   */
  List<Target> locate(SipURI uri, SipProtocol fallback, Predicate<SipProtocol> isServed)
      throws UnknownHostException {
    String host = uri.getHost();
    // Of a sips URI the parameter only says what lies below TLS.
    Optional<SipProtocol> asked =
        Optional.ofNullable(uri.getTransportParam())
            .map(SipProtocol::of)
            .map(protocol -> uri.isSecure() ? protocol.secured() : protocol);
    boolean isSecure = uri.isSecure() || fallback.isSecure();
    List<Service> services = List.of();
    if (uri.getPort() < 0 && !isLiteral(host)) {
      services = services(host, asked, isSecure, isServed);
    }
    if (services.isEmpty()) {
      SipProtocol protocol = asked.orElse(isSecure ? fallback.secured() : fallback);
      services =
          List.of(
              new Service(
                  protocol, host, uri.getPort() < 0 ? protocol.defaultPort() : uri.getPort()));
    }
    List<Target> targets = new ArrayList<>();
    for (Service service : services.subList(0, Math.min(MAX_SERVICES, services.size()))) {
      try {
        for (InetAddress address : InetAddress.getAllByName(service.host())) {
          targets.add(new Target(service.protocol(), address, service.port()));
        }
      } catch (UnknownHostException e) {
        // The next one may be known.
        continue;
      }
    }
    if (targets.isEmpty()) {
      throw new UnknownHostException(host);
    }
    return targets;
  }

  static boolean isLiteral(String host) {
    try {
      InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", ""));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private List<Service> services(
      String host, Optional<SipProtocol> asked, boolean isSecure, Predicate<SipProtocol> isServed) {
    if (asked.isPresent()) {
      return srv(asked.get(), query(asked.get()) + host);
    }
    Predicate<SipProtocol> isUsable =
        protocol -> isServed.test(protocol) && (!isSecure || protocol.isSecure());
    Map<String, SipProtocol> names = naptr(host, isUsable);
    if (names.isEmpty()) {
      for (SipProtocol protocol : List.of(SipProtocol.UDP, SipProtocol.TCP, SipProtocol.TLS)) {
        if (isUsable.test(protocol)) {
          names.put(query(protocol) + host, protocol);
        }
      }
    }
    List<Service> services = new ArrayList<>();
    names.forEach((name, protocol) -> services.addAll(srv(protocol, name)));
    return services;
  }

  private static String query(SipProtocol protocol) {
    return protocol == SipProtocol.TLS
        ? "_sips._tcp."
        : "_sip._" + protocol.name().toLowerCase(Locale.ROOT) + ".";
  }

  /** Names of SRV records by NAPTR, the preferred first. */
  private Map<String, SipProtocol> naptr(String host, Predicate<SipProtocol> isUsable) {
    Map<String, SipProtocol> names = new LinkedHashMap<>();
    records(host, Type.NAPTR, NAPTRRecord.class).stream()
        .sorted(
            Comparator.comparingInt(NAPTRRecord::getOrder)
                .thenComparingInt(NAPTRRecord::getPreference))
        .filter(record -> record.getFlags().equalsIgnoreCase("s"))
        .forEach(
            record -> {
              SipProtocol protocol = SERVICES.get(record.getService().toUpperCase(Locale.ROOT));
              if (protocol != null && isUsable.test(protocol) && names.size() < MAX_SERVICES) {
                names.putIfAbsent(record.getReplacement().toString(true), protocol);
              }
            });
    return names;
  }

  /** Servers of a name, by priority and, within one, by chance in the proportion of weights. */
  private List<Service> srv(SipProtocol protocol, String name) {
    Map<Integer, List<SRVRecord>> byPriority =
        records(name, Type.SRV, SRVRecord.class).stream()
            .filter(record -> !record.getTarget().equals(Name.root))
            .collect(
                Collectors.groupingBy(
                    SRVRecord::getPriority, TreeMap::new, Collectors.toCollection(ArrayList::new)));
    List<Service> services = new ArrayList<>();
    for (List<SRVRecord> group : byPriority.values()) {
      while (!group.isEmpty()) {
        SRVRecord next = group.remove(drawn(group));
        services.add(new Service(protocol, next.getTarget().toString(true), next.getPort()));
      }
    }
    return services;
  }

  private static int drawn(List<SRVRecord> group) {
    int sum = group.stream().mapToInt(SRVRecord::getWeight).sum();
    int mark = ThreadLocalRandom.current().nextInt(sum + 1);
    for (int i = 0; i < group.size(); i++) {
      mark -= group.get(i).getWeight();
      if (mark <= 0) {
        return i;
      }
    }
    return group.size() - 1;
  }

  /** The records of a name; none where it has none or the servers do not answer. */
  private <T extends Record> List<T> records(String name, int type, Class<T> kind) {
    try {
      return dns
          .lookupAsync(Name.fromString(name, Name.root), type)
          .handle((result, failure) -> failure == null ? result.getRecords() : List.<Record>of())
          .toCompletableFuture()
          .join()
          .stream()
          .filter(kind::isInstance)
          .map(kind::cast)
          .toList();
    } catch (TextParseException e) {
      return List.of();
    }
  }
}
