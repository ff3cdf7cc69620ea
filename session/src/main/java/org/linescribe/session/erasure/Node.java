package org.linescribe.session.erasure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.linescribe.session.storage.DataFolder;

/**
 * One data folder, whichever process uses it.
 *
 * @param id of the folder, the same at every start
 * @param name tells an operator where it lies
 */
public record Node(String id, String name) {
  private static final String FILE = "node-id";
  private static final int MAX_NAME_CHARACTERS = 255;

  public Node {
    name = name.length() <= MAX_NAME_CHARACTERS ? name : name.substring(0, MAX_NAME_CHARACTERS);
  }

  /**
   * The node whose data folder this is. Blocks.
   *
   * @throws IOException when its id can be neither read nor kept
   */
  public static Node of(Path data) throws IOException {
    Path file = data.resolve(FILE);
    if (!Files.exists(file)) {
      DataFolder.create(data);
      DataFolder.replace(
          file, UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII), true);
      DataFolder.forceEntries(data);
    }
    String id =
        UUID.fromString(Files.readString(file, StandardCharsets.US_ASCII).strip()).toString();
    return new Node(id, hostName() + ":" + data.toAbsolutePath().normalize());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      return "localhost";
    }
  }
}
