package org.linescribe.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.linescribe.api.system.ProgramDescription.SettingInForce;
import org.springframework.core.env.ConfigurableEnvironment;

/** The settings as they count, for people to read: what may be a secret is left out. */
final class SettingsInForce {
  static final String HIDDEN = "(hidden)";

  /** Words of a key whose value is nobody's business. */
  private static final Pattern SECRET =
      Pattern.compile(
          "password|passwd|secret|token|credential|api-key|sha256|private|headers|encryption\\.keys$");

  /** User and password before a URL's host, up to its last @, as a password may hold anything. */
  private static final Pattern USER_INFO = Pattern.compile("(?<=//)\\S*@");

  /** A parameter of a URL that may be a secret. */
  private static final Pattern SECRET_PARAMETER =
      Pattern.compile("(?i)(?<=[?&;])([^=&;]*(?:password|secret|token|key|user)[^=&;]*)=[^&;]*");

  private SettingsInForce() {}

  static List<SettingInForce> of(ConfigurableEnvironment environment) {
    List<SettingInForce> settings = new ArrayList<>();
    for (SettingsReference.Entry entry : SettingsReference.entries(SettingsReference.records())) {
      String value = environment.getProperty(entry.key(), entry.byDefault());
      settings.add(
          new SettingInForce(
              entry.key(),
              shown(entry.key(), value),
              entry.byDefault(),
              entry.meaning(),
              !value.equals(entry.byDefault())));
    }
    return settings;
  }

  static String shown(String key, String value) {
    if (value.isEmpty()) {
      return value;
    }
    if (SECRET.matcher(key.toLowerCase(Locale.ROOT)).find()) {
      return HIDDEN;
    }
    String withoutUser = USER_INFO.matcher(value).replaceAll("***@");
    return SECRET_PARAMETER.matcher(withoutUser).replaceAll("$1=***");
  }
}
