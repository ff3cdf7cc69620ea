package org.linescribe.app;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.api.system.ProgramDescription;
import org.linescribe.gateway.call.SipGateway;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.settings.HostPort;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;

/** Where the started gateway really listens; differs from the settings where these say port 0. */
record ListeningAddresses(HostPort http, HostPort sip, Map<String, HostPort> more) {
  private static final List<String> MORE = List.of("tls", "ws", "wss");

  static ListeningAddresses of(ApplicationContext context) {
    int httpPort = ((WebServerApplicationContext) context).getWebServer().getPort();
    return new ListeningAddresses(
        new HostPort(context.getBean(HostPort.class).host(), httpPort),
        sip(context),
        more(context.getBean(SipGateway.class)));
  }

  /** The further transports of SIP that are on. */
  private static Map<String, HostPort> more(SipGateway gateway) {
    Map<String, HostPort> on = new LinkedHashMap<>();
    for (String transport : MORE) {
      gateway
          .address(transport)
          .ifPresent(
              bound ->
                  on.put(
                      transport,
                      new HostPort(bound.getAddress().getHostAddress(), bound.getPort())));
    }
    return on;
  }

  private static HostPort sip(ApplicationContext context) {
    InetSocketAddress bound = context.getBean(SipGateway.class).udpAddress();
    String host = bound.getAddress().getHostAddress();
    if (bound.getAddress().isAnyLocalAddress()) {
      // The JDK tells 0.0.0.0 as :: where it has both; what was asked for says more.
      String asked = context.getBean(Settings.class).bind(SipSettings.class).bind();
      host = HostPort.parse("linescribe.sip.bind", asked).host();
    }
    return new HostPort(host, bound.getPort());
  }

  /** What a client on this machine calls. */
  ListeningAddresses fromHere() {
    return new ListeningAddresses(http.fromHere(), sip.fromHere(), more);
  }

  /**
   * As the APIs tell them.
   *
   * @param advertised what peers are told, empty for none
   */
  ProgramDescription.Addresses described(String advertised) {
    Map<String, String> transports = new LinkedHashMap<>();
    transports.put("udp", sip.toString());
    transports.put("tcp", sip.toString());
    more.forEach((transport, address) -> transports.put(transport, address.toString()));
    return new ProgramDescription.Addresses(
        Optional.of(http.toString()),
        Optional.of(sip.toString()),
        transports,
        OwnAddresses.reaching(advertised, sip, OwnAddresses.all()).stream()
            .map(HostPort::toString)
            .toList());
  }

  /** The line that scripts wait for. */
  String readyLine() {
    StringBuilder line = new StringBuilder("ready http=" + http + " sip=" + sip);
    more.forEach((transport, address) -> line.append(' ' + transport + '=').append(address));
    return line.toString();
  }
}
