package org.linescribe.testsupport;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A program of the machine that some tests need beyond the prerequisites of the build, with the
 * Debian package that brings it. See {@link NeedsTool}.
 */
public enum Tool {
  BARESIP("baresip", "baresip-core"),
  CADDY("caddy", "caddy"),
  CHROMIUM("chromium", "chromium"),
  CURL("curl", "curl"),
  ESPEAK("espeak-ng", "espeak-ng"),
  FLITE("flite", "flite"),
  KAMAILIO("kamailio", "kamailio"),
  /** Kamailio that speaks TLS. */
  KAMAILIO_TLS("kamailio", "kamailio-tls-modules", Tool::hasKamailioTls),
  LINPHONE("linphonec", "linphone-cli"),
  NGINX("nginx", "nginx"),
  OPENSSL("openssl", "openssl"),
  /** Prometheus' check of rules and configurations. */
  PROMTOOL("promtool", "prometheus"),
  PYTHON("python3", "python3"),
  /** Python that can make the virtual environment of {@link PythonClients}. */
  PYTHON_VENV("python3", "python3-venv", () -> succeeds("python3", "-c", "import ensurepip, venv")),
  REDIS("redis-server", "redis-server"),
  RTPENGINE("rtpengine", "rtpengine-daemon"),
  SIPP("sipp", "sip-tester"),
  SOX("sox", "sox"),
  ZSH("zsh", "zsh"),

  /**
   * Helm of the machine, or the one that {@link PythonClients#helm} brings. CI may go without where
   * there is neither.
   */
  HELM(() -> onPath("helm").isPresent() || PythonClients.bringHelm()),
  /** Compose's own program, which needs no engine to read a file. CI may go without. */
  DOCKER_COMPOSE("docker-compose"),
  /** A Docker engine that answers. Not every CI machine lends one, so that CI may go without. */
  DOCKER(Tool::dockerAnswers),
  /** A kernel that lets this user mount a tmpfs in a namespace. CI may go without. */
  MOUNT_NAMESPACE(() -> succeeds("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt")),
  /** A kernel that lets this user make network namespaces. CI may go without. */
  NETWORK_NAMESPACE(
      () ->
          succeeds(
              "sh",
              "-c",
              "ip netns add linescribe-probe-$$ && ip netns delete linescribe-probe-$$")),
  /** A Whisper model, whose folder LINESCRIBE_WHISPER names. CI may go without. */
  WHISPER(() -> System.getenv("LINESCRIBE_WHISPER") != null),
  /** IPv6 on loopback. CI may go without. */
  IPV6(() -> Files.exists(Path.of("/proc/net/if_inet6")));

  private final Optional<String> program;
  private final Optional<String> debianPackage;
  private final BooleanSupplier probe;
  private volatile Optional<Boolean> found = Optional.empty();

  Tool(String program, String debianPackage) {
    this(program, debianPackage, () -> true);
  }

  Tool(String program, String debianPackage, BooleanSupplier probe) {
    this.program = Optional.of(program);
    this.debianPackage = Optional.of(debianPackage);
    this.probe = probe;
  }

  Tool(String program) {
    this.program = Optional.of(program);
    this.debianPackage = Optional.empty();
    this.probe = () -> true;
  }

  Tool(BooleanSupplier probe) {
    this.program = Optional.empty();
    this.debianPackage = Optional.empty();
    this.probe = probe;
  }

  /** Asked of the machine once in a JVM. */
  public boolean isPresent() {
    if (found.isEmpty()) {
      found =
          Optional.of(
              (program.isEmpty() || onPath(program.get()).isPresent()) && probe.getAsBoolean());
    }
    return found.get();
  }

  /** The Debian package; empty for what no package brings. */
  public Optional<String> debianPackage() {
    return debianPackage;
  }

  /** The program's path, for a command line. */
  public String path() {
    return program
        .flatMap(Tool::onPath)
        .orElseThrow(() -> new IllegalStateException(this + " is not on the PATH"))
        .toString();
  }

  /** The first folder of the PATH with this program. */
  static Optional<Path> onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static boolean succeeds(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException notInstalled) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean hasKamailioTls() {
    try (Stream<Path> modules =
        Files.find(
            Path.of("/usr/lib"),
            4,
            (path, _) -> path.endsWith(Path.of("kamailio", "modules", "tls.so")))) {
      return modules.findAny().isPresent();
    } catch (IOException | UncheckedIOException unreadable) {
      return false;
    }
  }

  private static boolean dockerAnswers() {
    String home = System.getProperty("user.home", "");
    String runtime = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/run/user/0");
    return System.getenv().getOrDefault("DOCKER_HOST", "").startsWith("tcp:")
        || List.of(
                "/var/run/docker.sock", runtime + "/docker.sock", home + "/.docker/run/docker.sock")
            .stream()
            .anyMatch(Tool::listens);
  }

  private static boolean listens(String socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException nobody) {
      return false;
    }
  }
}
