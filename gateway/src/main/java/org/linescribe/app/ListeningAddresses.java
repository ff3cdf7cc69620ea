package org.linescribe.app;

import java.net.InetSocketAddress;
import org.linescribe.gateway.call.SipGateway;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;

/** Where the started gateway really listens; differs from the settings where these say port 0. */
record ListeningAddresses(HostPort http, HostPort sip) {

  static ListeningAddresses of(ApplicationContext context) {
    int httpPort = ((WebServerApplicationContext) context).getWebServer().getPort();
    InetSocketAddress sip = context.getBean(SipGateway.class).udpAddress();
    return new ListeningAddresses(
        new HostPort(context.getBean(HostPort.class).host(), httpPort),
        new HostPort(sip.getAddress().getHostAddress(), sip.getPort()));
  }

  /** The line that scripts wait for. */
  String readyLine() {
    return "ready http=" + http + " sip=" + sip;
  }
}
