package org.linescribe.session.store;

import java.time.Duration;
import java.util.Map;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/**
 * Where the SQL store is and how long it may take. A write that takes longer than the session's
 * store bound does not wait for it: it goes to the outbox.
 */
@SettingsGroup("linescribe.mysql")
public record SqlStoreSettings(
    @Setting(
            "jdbc:mysql://HOST:PORT/DATABASE of MySQL or MariaDB; empty: the embedded database (H2)"
                + " under linescribe.data.")
        String url,
    @Setting("Empty where the URL names the user.") String user,
    @Setting("The user's password; never logged.") String password,
    @Setting("Connections.") @Default("10") @Range("1 to 200") int poolSize,
    @Setting("How long a new connection may take.") @Default("3s") @Range("250ms to 60s")
        Duration connectTimeout,
    @Setting("How long an answer may take.") @Default("5s") @Range("250ms to 5m")
        Duration readTimeout) {
  public SqlStoreSettings {
    if (!url.startsWith("jdbc:mysql:") && !url.startsWith("jdbc:h2:")) {
      throw new IllegalArgumentException(
          "linescribe.mysql.url: expected jdbc:mysql://HOST:PORT/DATABASE (MySQL and MariaDB) or"
              + " jdbc:h2:…");
    }
    SettingsCheck.ranges(SqlStoreSettings.class, poolSize, connectTimeout, readTimeout);
  }

  /** The defaults for a server at this address. */
  public static SqlStoreSettings of(String url, String user, String password) {
    return SettingsDefaults.of(
        SqlStoreSettings.class, Map.of("url", url, "user", user, "password", password));
  }

  boolean isEmbedded() {
    return url.startsWith("jdbc:h2:");
  }

  /** Never the URL's parameters nor the password: both may hold secrets. */
  @Override
  public String toString() {
    int query = url.indexOf(isEmbedded() ? ';' : '?');
    String shown = query < 0 ? url : url.substring(0, query);
    return "SqlStoreSettings[" + shown.replaceAll("//[^/@]*@", "//") + "]";
  }
}
