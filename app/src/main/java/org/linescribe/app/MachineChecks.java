package org.linescribe.app;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.linescribe.app.DoctorCommand.Finding;
import org.linescribe.app.DoctorCommand.Verdict;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.ModelSpeed;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.gateway.audiosocket.AudioSocketSettings;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.settings.HostPort;

/**
 * The checks of {@link DoctorCommand}, each of which changes nothing but creates the data folder
 * where it is missing, and unpacks FFmpeg. Thread: one; each may take seconds.
 */
final class MachineChecks {
  private static final int JAVA = 25;
  private static final Duration MEASURED_FOR = Duration.ofSeconds(1);

  private final CheckedSettings checked;
  private final Settings settings;
  private final ProgramSettings.Gateway gateway;

  MachineChecks(CheckedSettings checked) {
    this.checked = checked;
    this.settings = checked.settings();
    this.gateway = settings.bind(ProgramSettings.Gateway.class);
  }

  List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    findings.add(Finding.ok("settings", checked.changed() + " differ from their defaults"));
    findings.add(data());
    HostPort http = HostPort.parse("linescribe.http", gateway.http());
    HostPort sip = HostPort.parse("linescribe.sip.bind", settings.bind(SipSettings.class).bind());
    findings.add(port("http", http, "linescribe.http", false));
    Finding sipPort = port("sip", sip, "linescribe.sip.bind", true);
    findings.add(sipPort);
    RtpSettings rtp = settings.bind(RtpSettings.class);
    findings.add(
        sipPort.verdict() == Verdict.OK
            ? MediaChecks.rtp(rtp, sip.host())
            : MediaChecks.rtpUnchecked(rtp));
    AudioSocketSettings audioSocket = settings.bind(AudioSocketSettings.class);
    if (audioSocket.isOn()) {
      String key = "linescribe.audiosocket.bind";
      findings.add(port("audiosocket", HostPort.parse(key, audioSocket.bind()), key, false));
    }
    findings.add(MediaChecks.ffmpeg(settings));
    findings.add(keys(http));
    findings.add(address(sip));
    RecordingChecks.keys(settings, gateway.data()).ifPresent(findings::add);
    findings.addAll(database());
    redis().ifPresent(findings::add);
    findings.add(model());
    return findings;
  }

  private static Finding java() {
    int feature = Runtime.version().feature();
    return feature >= JAVA
        ? Finding.ok("java", Runtime.version().toString())
        : Finding.wrong("java", Runtime.version().toString(), "install JDK 25 or newer");
  }

  private Finding data() {
    Path data = Path.of(gateway.data()).toAbsolutePath();
    long minFree = settings.bind(StorageSettings.class).minFree();
    try {
      Files.createDirectories(data);
      if (!Files.isWritable(data)) {
        throw new IOException("it cannot be written");
      }
    } catch (IOException e) {
      return Finding.wrong(
          "data",
          data + ": " + e.getMessage(),
          "give this user the folder, or name another: linescribe.data");
    }
    long free = data.toFile().getUsableSpace();
    String found = "%s, %.1f GB free".formatted(data, free / 1e9);
    return free >= minFree
        ? Finding.ok("data", found)
        : Finding.wrong(
            "data",
            found,
            "free some space: below linescribe.storage.min-free no source is admitted");
  }

  private static Finding port(String what, HostPort at, String key, boolean udpToo) {
    try (ServerSocket tcp = new ServerSocket()) {
      tcp.bind(at.address());
      if (udpToo) {
        try (DatagramSocket udp = new DatagramSocket(null)) {
          udp.bind(new InetSocketAddress(at.host(), at.port()));
        }
      }
      return Finding.ok(what, at + " is free");
    } catch (IOException | IllegalArgumentException taken) {
      return Finding.wrong(
          what,
          at + ": " + taken.getMessage(),
          "stop what listens there (a gateway that runs already?), or choose another: " + key);
    }
  }

  private Finding keys(HostPort http) {
    boolean loopback = isLoopback(http);
    boolean any = settings.optionalText("linescribe.access.keys[0].name").isPresent();
    boolean off =
        settings
            .optionalText("linescribe.access.mode")
            .filter(mode -> mode.equalsIgnoreCase("off") || mode.equalsIgnoreCase("false"))
            .isPresent();
    if (any || loopback) {
      return Finding.ok(
          "keys", any ? "at least one" : "none is needed: only this machine reaches HTTP");
    }
    return off
        ? Finding.warning(
            "keys",
            "whoever reaches " + http + " may read every call",
            "make a key: linescribe keys new NAME; or let a proxy keep strangers out")
        : Finding.wrong(
            "keys",
            "none, and " + http + " can be reached from other machines",
            "make one: linescribe keys new NAME");
  }

  private static boolean isLoopback(HostPort at) {
    InetAddress address = at.address().getAddress();
    return address != null && address.isLoopbackAddress();
  }

  /** What a phone on another network is told as the address of the audio. */
  private Finding address(HostPort sip) {
    String advertised = settings.bind(SipSettings.class).advertisedAddress();
    if (!advertised.isEmpty()) {
      return Finding.ok("address", "SDP names " + advertised);
    }
    if (isLoopback(sip)) {
      return Finding.ok("address", "only this machine calls");
    }
    String all =
        OwnAddresses.all().stream().map(OwnAddresses::text).collect(Collectors.joining(", "));
    return Finding.warning(
        "address",
        "this machine has " + (all.isEmpty() ? "no address but loopback" : all),
        "let UDP of linescribe.sip.bind and linescribe.rtp.ports through the firewall; if callers"
            + " know this machine by another address (NAT), name it:"
            + " linescribe.sip.advertised-address");
  }

  private List<Finding> database() {
    if (settings.optionalText("linescribe.mysql.url").isEmpty()) {
      return List.of(ClockCheck.uncompared());
    }
    try (SqlSegmentStore store = SqlSegmentStore.connect(settings.bind(SqlStoreSettings.class))) {
      if (!store.isReachable()) {
        return List.of(
            Finding.wrong(
                "database",
                "does not answer",
                "check linescribe.mysql.url, the network and the server; the gateway would keep"
                    + " finals in its outbox"));
      }
      Instant before = Instant.now();
      Instant there = store.serverTime();
      return List.of(
          Finding.ok("database", "answers, its schema is laid"),
          ClockCheck.against("the database's", there, before, Instant.now()));
    } catch (StoreUnavailableException | IllegalArgumentException | IllegalStateException refused) {
      return List.of(
          Finding.wrong("database", String.valueOf(refused.getMessage()), "mend that setting"));
    }
  }

  private Optional<Finding> redis() {
    return settings.optionalText("linescribe.redis.url").map(MachineChecks::redis);
  }

  private static Finding redis(String url) {
    try (RedisNode node = RedisNode.connect(url)) {
      return node.isReachable()
          ? Finding.ok("redis", "answers")
          : Finding.wrong("redis", "does not answer", "check linescribe.redis.url and the server");
    } catch (IllegalArgumentException malformed) {
      return Finding.wrong("redis", String.valueOf(malformed.getMessage()), "mend that setting");
    }
  }

  private Finding model() {
    ProgramSettings.Model model = settings.bind(ProgramSettings.Model.class);
    Path data = Path.of(gateway.data());
    ModelSource source =
        model.dir().isBlank()
            ? new ModelSource.Named(model.name(), data)
            : new ModelSource.Directory(Path.of(model.dir()), data);
    SchedulerSettings scheduling = settings.bind(SchedulerSettings.class);
    try (Recogniser recogniser =
        SherpaRecognisers.open(
            source,
            SherpaRecognisers.Use.defaults(),
            scheduling.withDecodeThreads(1).inProcess(),
            new SimpleMeterRegistry())) {
      ModelSpeed.Measured speed =
          ModelSpeed.measure(
              recogniser, SpokenRecording.pcm(), SpokenRecording.SAMPLE_RATE_HZ, MEASURED_FOR);
      String found =
          String.format(
              Locale.ROOT,
              "%s takes %.1f %% of a core for one stream, about %d streams per core; real-time"
                  + " factor %.3f%s",
              recogniser.info().model(),
              100 * speed.coresPerStream(),
              speed.streamsPerCore(),
              speed.realTimeFactor(),
              scheduling.workerCount() == 0
                  ? ""
                  : "; it runs in " + scheduling.workerCount() + " worker processes");
      return speed.streamsPerCore() > 0
          ? Finding.ok("model", found)
          : Finding.wrong("model", found, "choose a smaller model: linescribe models list");
    } catch (RecogniserException | IllegalArgumentException unusable) {
      return Finding.wrong(
          "model",
          String.valueOf(unusable.getMessage()).replaceFirst(" \\(expected: one of .*", ""),
          "linescribe models list tells what there is, linescribe models pull NAME fetches one");
    } catch (IOException | InterruptedException broken) {
      return Finding.wrong("model", broken.toString(), "try again");
    }
  }
}
