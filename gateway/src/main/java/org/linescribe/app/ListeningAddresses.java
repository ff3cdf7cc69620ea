package org.linescribe.app;

import java.net.InetSocketAddress;
import org.linescribe.gateway.call.SipGateway;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;

/** Where the started gateway really listens; differs from the settings where these say port 0. */
record ListeningAddresses(HostPort http, HostPort sip) {

  static ListeningAddresses of(ApplicationContext context) {
    int httpPort = ((WebServerApplicationContext) context).getWebServer().getPort();
    return new ListeningAddresses(
        new HostPort(context.getBean(HostPort.class).host(), httpPort), sip(context));
  }

  private static HostPort sip(ApplicationContext context) {
    InetSocketAddress bound = context.getBean(SipGateway.class).udpAddress();
    String host = bound.getAddress().getHostAddress();
    if (bound.getAddress().isAnyLocalAddress()) {
      // The JDK tells 0.0.0.0 as :: where it has both; what was asked for says more.
      String asked = context.getBean(Settings.class).text("linescribe.sip.bind");
      host = HostPort.parse("linescribe.sip.bind", asked).host();
    }
    return new HostPort(host, bound.getPort());
  }

  /** What a client on this machine calls. */
  ListeningAddresses fromHere() {
    return new ListeningAddresses(http.fromHere(), sip.fromHere());
  }

  /** The line that scripts wait for. */
  String readyLine() {
    return "ready http=" + http + " sip=" + sip;
  }
}
