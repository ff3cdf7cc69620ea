package org.linescribe.gateway.trunk;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.linescribe.gateway.digest.DigestAlgorithm;
import org.linescribe.settings.Default;
import org.linescribe.settings.Setting;
import org.linescribe.settings.SettingsCheck;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.settings.SettingsGroup;

/** Who may call, and what calls get. */
@SettingsGroup("linescribe.line")
public record LineSettings(
    @Setting(
            "Parties that may call. Each: name, and of addresses (networks), domains (hosts of the"
                + " Request-URI) and username with password or password-file (digest) those that"
                + " tell it; max-calls, calls-per-second (0: no limit of its own); srtp (off,"
                + " allowed or required; absent: linescribe.rtp.srtp); options"
                + " (sip:HOST[:PORT][;transport=tcp]: whom to ask by OPTIONS whether it is there;"
                + " absent: nobody) and options-interval (60s); refer (refuse, or follow: a"
                + " transfer by REFER, to the trunk's own addresses) and refer-targets"
                + " (more names, addresses and networks). The first that matches counts.")
        List<Trunk> trunks,
    @Setting(
            "Rules, the first that matches counts: to, from (patterns of the called and the calling"
                + " user, with * and ?), trunk; and what the call gets: language, provider, model,"
                + " endpoint-silence, hotwords, record, announcement (a WAV file, or none),"
                + " insights (true, or some of translation, entities, classification, qa, summary:"
                + " what is derived from the transcript after the call), or refuse. linescribe"
                + " route-test shows what a call would get.")
        List<Route> routes,
    @Setting(
            "Calls of no trunk: accept, reject (403), or auto: accepted while no trunk is"
                + " configured.")
        @Default("auto")
        Strangers strangers,
    @Setting(
            "Digest algorithms that trunks are offered, the preferred first: SHA-256, MD5. Old"
                + " telephones that look at the first challenge only need MD5 there.")
        @Default("SHA-256,MD5")
        List<String> digest) {

  /** What becomes of a call of no trunk. */
  public enum Strangers {
    AUTO,
    ACCEPT,
    REJECT
  }

  public LineSettings {
    digest = List.copyOf(digest);
    SettingsCheck.require(
        !digest.isEmpty() && digest.stream().allMatch(d -> d.equals("SHA-256") || d.equals("MD5")),
        "linescribe.line.digest",
        "'" + String.join(",", digest) + "'",
        "SHA-256, MD5 or both");
    trunks = List.copyOf(trunks);
    routes = List.copyOf(routes);
    Set<String> names = new HashSet<>();
    for (Trunk trunk : trunks) {
      SettingsCheck.require(
          names.add(trunk.trunkName()),
          "linescribe.line.trunks.name",
          "'" + trunk.trunkName() + "'",
          "a name of its own for each trunk");
    }
    for (Route route : routes) {
      SettingsCheck.require(
          route.trunk() == null || names.contains(route.trunk()),
          "linescribe.line.routes.trunk",
          "'" + route.trunk() + "'",
          "the name of a trunk");
    }
  }

  List<DigestAlgorithm> algorithms() {
    return digest.stream().map(name -> DigestAlgorithm.of(name).orElseThrow()).toList();
  }

  boolean acceptsStrangers() {
    return strangers == Strangers.ACCEPT || strangers == Strangers.AUTO && trunks.isEmpty();
  }

  public static LineSettings defaults() {
    return SettingsDefaults.of(LineSettings.class);
  }
}
