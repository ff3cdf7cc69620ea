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
 * @param isNew whether no earlier process can have left anything of a session in it; recordings may
 *     lie elsewhere
 */
public record Node(String id, String name, Path folder, boolean isNew) {
  private static final String FILE = "node-id";

  /** Each process lays it that takes sessions. */
  private static final String OUTBOX = "outbox";

  private static final int MAX_NAME_CHARACTERS = 255;

  public Node {
    name = name.length() <= MAX_NAME_CHARACTERS ? name : name.substring(0, MAX_NAME_CHARACTERS);
  }

  /** One that keeps nothing of sessions in a folder. */
  public Node(String id, String name) {
    this(id, name, Path.of(""), false);
  }

  /**
   * The node whose data folder this is. To be asked before anything of a session is kept in it.
   * Blocks.
   *
   * @throws IOException when its id can be neither read nor kept
   */
  public static Node of(Path data) throws IOException {
    Path file = data.resolve(FILE);
    String name = hostName() + ":" + data.toAbsolutePath().normalize();
    if (!Files.exists(file)) {
      boolean isNew = !Files.exists(data.resolve(OUTBOX));
      return new Node(newId(data), name, data, isNew);
    }
    String id =
        UUID.fromString(Files.readString(file, StandardCharsets.US_ASCII).strip()).toString();
    return new Node(id, name, data, false);
  }

  /**
   * The same data folder by another id, which it has from now on. Blocks.
   *
   * @throws IOException when the id cannot be kept
   */
  Node renewed() throws IOException {
    return new Node(newId(folder), name, folder, false);
  }

  private static String newId(Path data) throws IOException {
    String id = UUID.randomUUID().toString();
    DataFolder.create(data);
    DataFolder.replace(data.resolve(FILE), id.getBytes(StandardCharsets.US_ASCII), true);
    DataFolder.forceEntries(data);
    return id;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      return "localhost";
    }
  }
}
