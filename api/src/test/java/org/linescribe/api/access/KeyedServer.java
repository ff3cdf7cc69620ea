package org.linescribe.api.access;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.linescribe.api.ApiServer;
import org.linescribe.testsupport.ProgramRun;

/** What the tests of the access to the gateway share: a gateway with two keys, and curl. */
final class KeyedServer {
  private KeyedServer() {}

  static final String KEY = "ls_test-key-of-the-crm";

  static final String SLOW_KEY = "ls_test-key-with-small-limits";

  static final String PAGE = "https://crm.example";

  static String hash(String key) {
    return HexFormat.of().formatHex(ApiKey.sha256(key));
  }

  static Map<String, Object> settings() {
    Map<String, Object> settings = new TreeMap<>();
    settings.put("linescribe.access.mode", "required");
    settings.put("linescribe.access.keys[0].name", "crm");
    settings.put("linescribe.access.keys[0].sha256", hash(KEY));
    settings.put("linescribe.access.keys[1].name", "slow");
    settings.put("linescribe.access.keys[1].sha256", hash(SLOW_KEY));
    settings.put("linescribe.access.keys[1].requests-per-second", "1");
    settings.put("linescribe.access.keys[1].burst", "3");
    settings.put("linescribe.access.allowed-origins", PAGE);
    return settings;
  }

  /** Head and body as curl shows them. */
  static String curl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl", "--silent", "--include"));
    command.addAll(List.of("--max-time", "120"));
    command.addAll(List.of(arguments));
    return ProgramRun.of(Path.of("."), command).output();
  }

  static double count(ApiServer of, String meter, String... tags) {
    var counter = of.bean(MeterRegistry.class).find(meter).tags(tags).counter();
    return counter == null ? 0 : counter.count();
  }
}
