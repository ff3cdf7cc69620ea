package org.linescribe.api.access;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.linescribe.api.http.ApiPackage;
import org.linescribe.api.http.DeferredAuthentication;
import org.linescribe.api.http.HttpBindAddress;
import org.linescribe.api.http.OpenPaths;
import org.linescribe.api.websocket.WebSocketRoute;
import org.linescribe.settings.SettingsCheck;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.HttpHandlerDecoratorFactory;

/**
 * Guards all APIs. Whether a key is asked for is settled at start, by the address that HTTP listens
 * on: where others reach it and no key is configured, nothing is served at all.
 */
@ApiPackage
@EnableConfigurationProperties(AccessSettings.class)
class AccessConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(AccessConfiguration.class);

  @Bean
  AccessFilter accessFilter(
      AccessSettings settings,
      ObjectProvider<HttpBindAddress> bound,
      ObjectProvider<WebSocketRoute> routes,
      ObjectProvider<DeferredAuthentication> deferrals,
      List<OpenPaths> openPaths,
      Environment environment,
      MeterRegistry registry) {
    HttpBindAddress address =
        Optional.ofNullable(bound.getIfAvailable()).orElseGet(() -> serverAddress(environment));
    boolean required = isRequired(settings, address);
    Hosts hosts =
        !required && address.address().isLoopbackAddress()
            ? Hosts.loopbackAnd(settings.hosts())
            : Hosts.any();
    Origins origins = new Origins(settings.allowedOrigins(), address.address().isLoopbackAddress());
    return new AccessFilter(
        required,
        hosts,
        settings,
        origins,
        routes,
        deferrals,
        openPaths,
        registry,
        System::nanoTime);
  }

  /** Takes keys out of addresses before Spring sees them, which logs every address at debug. */
  @Bean
  HttpHandlerDecoratorFactory keysOutOfAddresses() {
    return next ->
        (request, response) -> next.handle(Credentials.withoutKeyInAddress(request), response);
  }

  /** Without an address the server listens on all. */
  private static HttpBindAddress serverAddress(Environment environment) {
    InetAddress address = environment.getProperty("server.address", InetAddress.class);
    return address == null
        ? new HttpBindAddress(anyLocal(), "server.address: none")
        : new HttpBindAddress(address, "server.address: " + address.getHostAddress());
  }

  private static InetAddress anyLocal() {
    return new InetSocketAddress(0).getAddress();
  }

  static boolean isRequired(AccessSettings settings, HttpBindAddress bound) {
    boolean loopback = bound.address().isLoopbackAddress();
    boolean required =
        switch (settings.asked()) {
          case REQUIRED -> true;
          case OFF -> false;
          case AUTO -> !loopback || !settings.keys().isEmpty();
        };
    SettingsCheck.require(
        !required || !settings.keys().isEmpty(),
        "linescribe.access.keys",
        "none",
        "at least one, as "
            + (loopback
                ? "linescribe.access.mode is required"
                : bound.setting() + " can be reached from other machines")
            + "; make one with: linescribe keys new. Or, where something else keeps strangers out:"
            + " linescribe.access.mode=off");
    if (!required && !loopback) {
      LOG.warn(
          "{}: whoever reaches it may use it, as linescribe.access.mode is off", bound.setting());
    }
    return required;
  }
}
