package org.linescribe.gateway.call;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/**
 * rtpengine in user space, which needs neither its kernel module nor root, and a client of its
 * control protocol. Source: rtpengine's README, "The ng Control Protocol".
 */
final class Rtpengine implements AutoCloseable {
  private static final int MEDIA_PORTS = 80;
  private static final int REPEAT_MS = 2000;
  private static final int START_TRIES = 5;

  private final SipKit.Background daemon;
  private final int controlPort;
  private int cookie;

  private Rtpengine(SipKit.Background daemon, int controlPort) {
    this.daemon = daemon;
    this.controlPort = controlPort;
  }

  static Rtpengine start(SipKit kit) throws IOException {
    for (int attempt = 1; ; attempt++) {
      int control = SipKit.freeBase(1);
      Rtpengine started = new Rtpengine(kit.begin(command(control)), control);
      await()
          .alias("see " + started.daemon.output())
          .until(() -> !SipKit.isFree(control) || !started.isAlive());
      // Another program may take the port between the look and rtpengine's start, which then ends.
      if (started.isAlive() && started.answers()) {
        return started;
      }
      String said = started.daemon.end();
      if (attempt == START_TRIES) {
        throw new IOException("rtpengine did not start: " + said);
      }
    }
  }

  private static List<String> command(int control) {
    int media = SipKit.freeBase(MEDIA_PORTS);
    return List.of(
        Tool.RTPENGINE.path(),
        "--config-file=none",
        "--foreground",
        "--log-stderr",
        "--log-level=6",
        "--table=-1",
        "--num-threads=2",
        "--interface=127.0.0.1",
        "--listen-ng=127.0.0.1:" + control,
        "--port-min=" + media,
        "--port-max=" + (media + MEDIA_PORTS - 1));
  }

  private boolean isAlive() {
    return daemon.process().isAlive();
  }

  private boolean answers() {
    try {
      ask("ping", Map.of());
      return true;
    } catch (IOException somebodyElse) {
      return false;
    }
  }

  /**
   * Sends a command.
   *
   * @param arguments strings, and lists of them
   * @return the answer's members: strings, numbers, lists, maps
   */
  Map<String, Object> ask(String command, Map<String, Object> arguments) throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("command", command);
    request.putAll(arguments);
    String id = "c" + cookie++;
    byte[] message = (id + " " + encoded(request)).getBytes(StandardCharsets.UTF_8);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(REPEAT_MS);
      // The same cookie gets the same answer, however often it is asked.
      for (int waitedMs = 0; waitedMs < Patience.LIMIT_MS && isAlive(); waitedMs += REPEAT_MS) {
        socket.send(
            new DatagramPacket(
                message, message.length, InetAddress.getLoopbackAddress(), controlPort));
        byte[] buffer = new byte[65_536];
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        try {
          socket.receive(packet);
        } catch (SocketTimeoutException e) {
          continue;
        }
        String answer = new String(buffer, 0, packet.getLength(), StandardCharsets.ISO_8859_1);
        Map<String, Object> members =
            new Decoder(answer.substring(answer.indexOf(' ') + 1)).dictionary();
        if (!List.of("ok", "pong").contains(members.get("result"))) {
          throw new IOException("rtpengine: " + command + ": " + members);
        }
        return members;
      }
    }
    throw new IOException("rtpengine: " + command + ": no answer, see " + daemon.output());
  }

  /** Bencode, with all text in ASCII. */
  private static String encoded(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        StringBuilder text = new StringBuilder("d");
        map.forEach((key, member) -> text.append(encoded(key)).append(encoded(member)));
        yield text.append("e").toString();
      }
      case List<?> list -> {
        StringBuilder text = new StringBuilder("l");
        list.forEach(item -> text.append(encoded(item)));
        yield text.append("e").toString();
      }
      default -> value.toString().length() + ":" + value;
    };
  }

  /** Bencode, of which the answers have strings, numbers, lists and dictionaries. */
  private static final class Decoder {
    private final String text;
    private int at;

    Decoder(String text) {
      this.text = text;
    }

    Map<String, Object> dictionary() {
      Map<String, Object> members = new LinkedHashMap<>();
      at++;
      while (text.charAt(at) != 'e') {
        members.put(String.valueOf(value()), value());
      }
      at++;
      return members;
    }

    private Object value() {
      return switch (text.charAt(at)) {
        case 'd' -> dictionary();
        case 'l' -> list();
        case 'i' -> Long.parseLong(until('e', 1));
        default -> {
          int length = Integer.parseInt(until(':', 0));
          at += length;
          yield text.substring(at - length, at);
        }
      };
    }

    private List<Object> list() {
      List<Object> items = new ArrayList<>();
      at++;
      while (text.charAt(at) != 'e') {
        items.add(value());
      }
      at++;
      return items;
    }

    private String until(char end, int skipped) {
      int stop = text.indexOf(end, at);
      String found = text.substring(at + skipped, stop);
      at = stop + 1;
      return found;
    }
  }

  @Override
  public void close() {
    daemon.close();
  }
}
