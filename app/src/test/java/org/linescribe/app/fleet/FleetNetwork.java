package org.linescribe.app.fleet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where the machines of a fleet are. Thread: one at a time. */
interface FleetNetwork extends AutoCloseable {
  /**
   * A machine of one gateway.
   *
   * @param address to listen on
   * @param launcher command line in front of a program that runs there
   */
  record Host(String address, List<String> launcher) {}

  /** Address of the stores, the proxy and the clients. */
  String front();

  /** Of a gateway, from 0. */
  Host host(int number);

  /** Takes a gateway's machine off the network: nothing arrives there or leaves it. */
  void cut(int number) throws IOException;

  void mend(int number) throws IOException;

  @Override
  void close() throws IOException;

  /** Addresses of the loopback interface; nothing can be cut. */
  static FleetNetwork loopback() {
    // Its own for each process, as far as there are some.
    long own = ProcessHandle.current().pid();
    String prefix = "127." + (own >> 8 & 0x7f | 0x80) + "." + (own & 0xff) + ".";
    return new FleetNetwork() {
      @Override
      public String front() {
        return prefix + 1;
      }

      @Override
      public Host host(int number) {
        return new Host(prefix + (11 + number), List.of());
      }

      @Override
      public void cut(int number) {
        throw new UnsupportedOperationException("loopback has no cable");
      }

      @Override
      public void mend(int number) {}

      @Override
      public void close() {}
    };
  }

  /** A network namespace for each gateway, on a bridge of their own; needs root. */
  static FleetNetwork namespaces(int gateways) throws IOException {
    return new Namespaces(gateways);
  }

  /** Linux network namespaces, joined by virtual cables. */
  final class Namespaces implements FleetNetwork {
    private final String name = "ls" + ProcessHandle.current().pid();
    private final String prefix = "10.231." + (ProcessHandle.current().pid() & 0xff) + ".";
    private final List<Integer> made = new ArrayList<>();

    private Namespaces(int gateways) throws IOException {
      try {
        ip("link add " + name + " type bridge");
        ip("addr add " + front() + "/24 dev " + name);
        ip("link set " + name + " up");
        for (int number = 0; number < gateways; number++) {
          ip("netns add " + namespace(number));
          made.add(number);
          ip("link add " + cable(number) + " type veth peer name eth0 netns " + namespace(number));
          ip("link set " + cable(number) + " master " + name + " up");
          String inside = "-n " + namespace(number) + " ";
          ip(inside + "addr add " + host(number).address() + "/24 dev eth0");
          ip(inside + "link set eth0 up");
          ip(inside + "link set lo up");
        }
      } catch (IOException refused) {
        try {
          close();
        } catch (IOException left) {
          refused.addSuppressed(left);
        }
        throw refused;
      }
    }

    private String namespace(int number) {
      return name + "-" + number;
    }

    private String cable(int number) {
      return name + "v" + number;
    }

    @Override
    public String front() {
      return prefix + 1;
    }

    @Override
    public Host host(int number) {
      return new Host(prefix + (11 + number), List.of("ip", "netns", "exec", namespace(number)));
    }

    @Override
    public void cut(int number) throws IOException {
      ip("link set " + cable(number) + " down");
    }

    @Override
    public void mend(int number) throws IOException {
      ip("link set " + cable(number) + " up");
    }

    private static void ip(String arguments) throws IOException {
      Commands.run(("ip " + arguments).split(" "));
    }

    @Override
    public void close() throws IOException {
      List<String> commands = new ArrayList<>();
      made.forEach(number -> commands.add("netns delete " + namespace(number)));
      commands.add("link delete " + name);
      IOException left = new IOException("not everything of " + name + " is deleted");
      for (String command : commands) {
        try {
          ip(command);
        } catch (IOException refused) {
          left.addSuppressed(refused);
        }
      }
      if (left.getSuppressed().length > 0) {
        throw left;
      }
    }
  }

  /** Programs of the machine. */
  final class Commands {
    private Commands() {}

    static void run(String... command) throws IOException {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      if (process.onExit().join().exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + said.strip());
      }
    }
  }
}
