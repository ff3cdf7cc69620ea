package org.linescribe.app.fleet;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;

/** A real Kamailio with the project's configuration, in front of the gateways. */
final class KamailioProxy implements AutoCloseable {
  private static final int PORT = 5070;

  private final String address;
  private final Path log;
  private final Process process;

  /** Returns when it answers. */
  KamailioProxy(String address, List<String> gateways, Path folder)
      throws IOException, InterruptedException {
    this.address = address;
    Path own = Files.createDirectories(folder.resolve("kamailio"));
    this.log = own.resolve("kamailio.log");
    StringBuilder list = new StringBuilder();
    gateways.forEach(gateway -> list.append("1 sip:").append(gateway).append(" 0 0\n"));
    Path dispatcher = Files.writeString(own.resolve("dispatcher.list"), list);
    List<String> command =
        List.of(
            Tool.KAMAILIO.path(),
            "-DD",
            "-E",
            "-m",
            "32",
            "-M",
            "4",
            "-f",
            ProjectFiles.root().resolve("sip-config/kamailio/kamailio.cfg").toString(),
            "-A",
            "GATEWAYS=\"" + dispatcher + "\"",
            "-A",
            "LISTEN_ADDRESS=udp:" + address + ":" + PORT,
            "-A",
            "PING_SECONDS=2",
            "-Y",
            own.toString(),
            "-P",
            own.resolve("kamailio.pid").toString(),
            "-w",
            own.toString());
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    for (int i = 0; !answers(); i++) {
      if (i == 120 || process.waitFor(20, TimeUnit.MILLISECONDS)) {
        close();
        throw new IOException("Kamailio does not start: " + Files.readString(log));
      }
    }
  }

  private boolean answers() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, 0))) {
      socket.setSoTimeout(500);
      String self = address + ":" + socket.getLocalPort();
      byte[] options =
          ("OPTIONS sip:"
                  + address
                  + ":"
                  + PORT
                  + " SIP/2.0\r\n"
                  + "Via: SIP/2.0/UDP "
                  + self
                  + ";branch=z9hG4bKfleet;rport\r\n"
                  + "Max-Forwards: 10\r\nFrom: <sip:fleet@"
                  + address
                  + ">;tag=1\r\n"
                  + "To: <sip:"
                  + address
                  + ":"
                  + PORT
                  + ">\r\nCall-ID: fleet-"
                  + self
                  + "\r\n"
                  + "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      socket.send(
          new DatagramPacket(options, options.length, InetAddress.getByName(address), PORT));
      socket.receive(new DatagramPacket(new byte[2048], 2048));
      return true;
    } catch (java.net.SocketTimeoutException | java.net.PortUnreachableException notYet) {
      return false;
    }
  }

  String uri() {
    return "sip:test@" + address + ":" + PORT;
  }

  @Override
  public void close() {
    process.destroy();
    // It ends its children itself, in a second or two.
    process.onExit().join();
  }
}
