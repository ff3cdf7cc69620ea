package org.linescribe.app;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import org.linescribe.api.HttpBindAddress;
import org.linescribe.gateway.call.CallSettings;
import org.linescribe.gateway.call.SipGateway;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.Sessions;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.reactive.ConfigurableReactiveWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The sockets: SIP and media, and where HTTP listens. */
@Configuration(proxyBeanMethods = false)
class LineConfiguration {

  @Bean
  HostPort httpAddress(Settings settings) {
    return HostPort.parse("linescribe.http", settings.text("linescribe.http"));
  }

  @Bean
  HttpBindAddress httpBindAddress(HostPort httpAddress) {
    try {
      return new HttpBindAddress(
          InetAddress.getByName(httpAddress.host()), "linescribe.http: " + httpAddress);
    } catch (UnknownHostException e) {
      throw new StartException(
          "linescribe.http: '" + httpAddress + "' (expected: a host that is known here)", e);
    }
  }

  @Bean
  WebServerFactoryCustomizer<ConfigurableReactiveWebServerFactory> httpBind(
      HostPort httpAddress, HttpBindAddress bound) {
    return server -> {
      server.setAddress(bound.address());
      server.setPort(httpAddress.port());
    };
  }

  @Bean
  SipGateway sipGateway(Settings settings, Sessions sessions, MeterRegistry meters, Clock clock) {
    return new SipGateway(
        settings.bind("linescribe.sip", SipSettings.class),
        settings.bind("linescribe.rtp", RtpSettings.class),
        settings.bind("linescribe.call", CallSettings.class),
        sessions,
        meters,
        clock);
  }

  @Bean
  GatewayLife gatewayLife(SipGateway sip, Sessions sessions, Settings settings) {
    Duration drain = settings.duration("linescribe.drain", Duration.ZERO, Duration.ofMinutes(5));
    return new GatewayLife(sip, sessions, drain);
  }
}
