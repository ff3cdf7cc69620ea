package org.linescribe.testsupport;

import java.nio.file.Path;

/** Where the tests find the project's own files, whatever the working folder is. */
public final class ProjectFiles {
  private static final Path ROOT =
      Path.of(System.getProperty("linescribe.root", ".")).toAbsolutePath().normalize();

  private ProjectFiles() {}

  /** The folder of the checkout. */
  public static Path root() {
    return ROOT;
  }

  /** The root's build folder, for what all modules' tests share. */
  public static Path target() {
    return ROOT.resolve("target");
  }

  /** A client program of the documentation, which tests run against the gateway. */
  public static Path example(String name) {
    return ROOT.resolve("docs/examples").resolve(name);
  }

  /** SIPp scenarios, baresip configurations and an impairment proxy; see its README. */
  public static Path sipKit() {
    return ROOT.resolve("test-calls/sip-kit");
  }

  /** A small whole-utterance model of the ten digits, which another module's tests load too. */
  public static Path offlineModel() {
    return ROOT.resolve("asr/src/test/resources/models/telephony-digits-en-offline");
  }

  /** Recordings in which nobody speaks. */
  public static Path nonSpeech() {
    return ROOT.resolve("test-calls/nonspeech");
  }

  /** Recordings of synthetic speech, which the demo plays. */
  public static Path recorded(String name) {
    return ROOT.resolve("test-calls/recorded").resolve(name);
  }
}
