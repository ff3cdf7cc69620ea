package org.linescribe.gateway.registration;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.linescribe.gateway.digest.DigestClient;
import org.linescribe.gateway.sip.RequestFailover;
import org.linescribe.gateway.sip.SipLocator;
import org.linescribe.settings.Default;
import org.linescribe.settings.Range;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** Where the gateway registers. */
@SettingsGroup("linescribe.registration")
public record RegistrationSettings(
    @Setting(
            "Extensions that the gateway registers. Each: registrar (sip:HOST[:PORT], with"
                + " ;transport=tcp for TCP), user, domain (the registrar's host where none is"
                + " named), username (the user where none is named), password or password-file,"
                + " expires (10m).")
        List<Account> accounts,
    @Setting("Wait after a failed registration; doubled after each further one.")
        @Default("5s")
        @Range("1s to 10m")
        Duration retry,
    @Setting("The longest wait after failures, and the wait when the account is refused.")
        @Default("5m")
        @Range("1s to 24h")
        Duration maxRetry,
    @Setting(
            "How long one of several servers may take to answer a request of ours (REGISTER,"
                + " OPTIONS, in a call) before the next is asked; the last one has 32 s, and a"
                + " registrar's all together 40 s.")
        @Default("4s")
        @Range("500ms to 8s")
        Duration answerTimeout,
    @Setting(
            "DNS server that is asked for the NAPTR and SRV records of registrars, trunks and hosts"
                + " that a call names, as ADDRESS or ADDRESS:PORT; empty: the system's.")
        String dns) {

  public RegistrationSettings {
    SettingsCheck.ranges(RegistrationSettings.class, retry, maxRetry, answerTimeout);
    accounts = List.copyOf(accounts);
    SipLocator.check(dns);
  }

  /** Finds the servers of our requests, in dialogs too. */
  public RequestFailover failover() {
    return new RequestFailover(new SipLocator(dns), answerTimeout);
  }

  /** The account at a host, which answers its challenges; empty where it has no password. */
  public Optional<DigestClient> account(String host) {
    return accounts.stream()
        .filter(account -> account.isAt(host))
        .findFirst()
        .flatMap(Account::digest);
  }

  public static RegistrationSettings defaults() {
    return SettingsDefaults.of(RegistrationSettings.class);
  }
}
