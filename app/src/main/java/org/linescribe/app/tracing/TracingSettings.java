package org.linescribe.app.tracing;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsGroup;

/** Where traces of sessions are sent. */
@SettingsGroup("linescribe.tracing")
public record TracingSettings(
    @Setting(
            "A receiver of traces by OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces;"
                + " empty: no traces.")
        String endpoint,
    @Setting("Headers for the receiver, NAME=VALUE, comma between: what it asks for as a key.")
        List<String> headers,
    @Setting(
            "How many of 100 sessions are traced; as many of those in traces of clients"
                + " (traceparent), and none where the client's trace is not recorded.")
        @Default("100")
        @Range("0 to 100")
        int sample,
    @Setting(
            "Spans that wait for the receiver; those beyond it are dropped and counted"
                + " (linescribe_tracing_spans_total).")
        @Default("4096")
        @Range("64 to 1000000")
        int queue,
    @Setting("How long the receiver may take, repetitions included.")
        @Default("10s")
        @Range("100ms to 1m")
        Duration timeout,
    @Setting("The name of the gateway in traces (service.name).") @Default("linescribe")
        String serviceName) {
  private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+=[ -~]*");

  public TracingSettings {
    SettingsCheck.ranges(TracingSettings.class, sample, queue, timeout);
    SettingsCheck.require(
        endpoint.isBlank() || SettingsCheck.isHttpUrl(endpoint),
        "linescribe.tracing.endpoint",
        "'" + endpoint + "'",
        "http://HOST[:PORT]/PATH or https://…, without user and fragment");
    for (String header : headers) {
      SettingsCheck.require(
          HEADER.matcher(header).matches(),
          "linescribe.tracing.headers",
          header.length() + " characters",
          "NAME=VALUE, comma between");
    }
    SettingsCheck.require(
        !serviceName.isBlank(), "linescribe.tracing.service-name", "''", "a name");
    headers = List.copyOf(headers);
  }

  public boolean isOn() {
    return !endpoint.isBlank();
  }

  /** The receiver for the log: a query may hold a key. */
  String receiver() {
    URI uri = URI.create(endpoint);
    return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
  }

  /** The receiver's headers by their names. */
  Map<String, String> headersByName() {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String header : headers) {
      int end = header.indexOf('=');
      byName.put(header.substring(0, end), header.substring(end + 1));
    }
    return byName;
  }
}
