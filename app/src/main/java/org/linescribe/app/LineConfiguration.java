package org.linescribe.app;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.linescribe.api.http.HttpBindAddress;
import org.linescribe.api.system.ProgramDescription;
import org.linescribe.api.system.TestCall;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.providers.Providers;
import org.linescribe.gateway.audiosocket.AudioSocketServer;
import org.linescribe.gateway.audiosocket.AudioSocketSettings;
import org.linescribe.gateway.call.CallSettings;
import org.linescribe.gateway.call.QualitySettings;
import org.linescribe.gateway.call.SipGateway;
import org.linescribe.gateway.leg.SourceCalls;
import org.linescribe.gateway.registration.RegistrationSettings;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.tls.TlsContexts;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.encryption.EncryptionKeys;
import org.linescribe.session.encryption.EncryptionSettings;
import org.linescribe.session.mediaports.MediaPorts;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFiles;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.session.tracing.SessionTraces;
import org.linescribe.settings.HostPort;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.reactive.ConfigurableReactiveWebServerFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** The sockets: SIP and media, and where HTTP listens. */
@Configuration(proxyBeanMethods = false)
class LineConfiguration {

  @Bean
  HostPort httpAddress(Settings settings) {
    return HostPort.parse("linescribe.http", settings.bind(ProgramSettings.Gateway.class).http());
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

  /** Off: the sockets stay as they are. */
  @Bean
  HttpTls httpTls(Settings settings) {
    HttpTlsSettings tls = settings.bind(HttpTlsSettings.class);
    try {
      return new HttpTls(tls.isOn() ? new TlsContexts(tls.files()) : null);
    } catch (IllegalArgumentException unusable) {
      throw new StartException(unusable.getMessage(), unusable);
    }
  }

  @Bean
  NettyServerCustomizer httpTlsSockets(HttpTls tls) {
    return tls::secure;
  }

  @Bean
  RecordingFile.Store recordingFiles(Settings settings) {
    try {
      return new RecordingFiles(EncryptionKeys.of(settings.bind(EncryptionSettings.class)));
    } catch (IllegalArgumentException unusable) {
      throw new StartException(unusable.getMessage(), unusable);
    }
  }

  @Bean
  RecordingFolder callRecordingFolder(
      Settings settings, RecordingFile.Store store, StorageSettings storage) {
    String directory = settings.bind(CallRecordingSettings.class).directory();
    return new RecordingFolder(
        directory.isBlank()
            ? Path.of(settings.bind(ProgramSettings.Gateway.class).data(), "call-recordings")
            : Path.of(directory),
        store,
        storage);
  }

  @Bean
  CallRecordings callRecordings(
      @Qualifier("callRecordingFolder") RecordingFolder folder,
      Settings settings,
      MeterRegistry meters,
      Clock clock) {
    return new CallRecordings(folder, settings.bind(CallRecordingSettings.class), meters, clock);
  }

  @Bean
  SipGateway sipGateway(
      Settings settings,
      Sessions sessions,
      CallLog callLog,
      CallRecordings recordings,
      ObjectProvider<QualityAlert.Listener> qualityAlerts,
      SessionTraces traces,
      MeterRegistry meters,
      Clock clock) {
    return new SipGateway(
            new SipListeners(
                settings.bind(SipSettings.class),
                settings.bind(TlsSettings.class),
                settings.bind(SipWebSocketSettings.class)),
            settings.bind(RtpSettings.class),
            settings.bind(CallSettings.class),
            sessions,
            meters,
            clock)
        .line(settings.bind(LineSettings.class))
        .callLog(callLog)
        .recordings(recordings)
        .quality(settings.bind(QualitySettings.class), qualityAlerts.getIfAvailable(() -> _ -> {}))
        .traces(traces)
        .registrations(settings.bind(RegistrationSettings.class));
  }

  @Bean
  MediaPorts mediaPorts(SipGateway sip) {
    return sip.mediaPorts();
  }

  @Bean
  AudioSocketServer audioSocketServer(
      Settings settings, Sessions sessions, MeterRegistry meters, Clock clock, CallLog callLog) {
    return new AudioSocketServer(
        settings.bind(AudioSocketSettings.class), sessions, meters, clock, callLog);
  }

  /** Whatever brings a call's audio, operators see it in one list. */
  @Bean
  CallControl calls(SipGateway sip, AudioSocketServer audioSocket) {
    return new SourceCalls(
        () -> Stream.concat(sip.sources().stream(), audioSocket.sources().stream()).toList());
  }

  /** As lazily as its addresses are known: after the server has started. */
  @Bean
  ProgramDescription programDescription(
      Settings settings,
      ApplicationContext context,
      ConfigurableEnvironment environment,
      Clock clock)
      throws IOException {
    return new ProgramDescription(
        ProgramVersion.text(),
        clock.instant(),
        settings.bind(SessionSettings.class).maxSources(),
        () ->
            ListeningAddresses.of(context)
                .described(settings.bind(SipSettings.class).advertisedAddress()),
        () -> SettingsInForce.of(environment));
  }

  @Bean
  TestCall testCall(ApplicationContext context, HttpTls tls, Providers providers) {
    return new OwnTestCall(
        () -> ListeningAddresses.of(context),
        tls,
        () -> providers.first().info().model().equals(BundledModel.NAME));
  }

  @Bean
  GatewayLife gatewayLife(
      SipGateway sip, AudioSocketServer audioSocket, Sessions sessions, Settings settings) {
    return new GatewayLife(
        sip,
        audioSocket,
        sessions,
        settings.bind(CallSettings.class).drainWait(),
        settings.bind(ProgramSettings.Gateway.class).drain());
  }
}
