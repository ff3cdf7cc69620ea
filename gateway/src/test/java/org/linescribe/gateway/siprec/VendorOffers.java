package org.linescribe.gateway.siprec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import org.linescribe.testsupport.ProjectFiles;

/** The INVITE bodies of vendors' SIPREC clients in the SIP test kit. */
public final class VendorOffers {
  private VendorOffers() {}

  /** The body as it would come on the wire: CRLF, from the first delimiter on. */
  public static byte[] body(String file) throws IOException {
    String text =
        Files.readString(ProjectFiles.sipKit().resolve("siprec/" + file), StandardCharsets.UTF_8);
    return text.substring(text.indexOf("--"))
        .replace("\n", "\r\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  public static String boundary(byte[] body) {
    return new String(body, StandardCharsets.UTF_8).lines().findFirst().orElseThrow().substring(2);
  }

  /** The XML of an offer, cut out by hand so that no parser under test is involved. */
  static byte[] metadata(String file) throws IOException {
    String text = new String(body(file), StandardCharsets.UTF_8);
    int root = text.indexOf("recording");
    String from =
        Arrays.stream(new String[] {"<?xml", "<recording", "<tns:recording"})
            .filter(text::contains)
            .findFirst()
            .orElseThrow();
    int start = text.indexOf(from);
    int end = text.lastIndexOf('>') + 1;
    if (root < 0 || text.indexOf("\r\n--", start) > 0) {
      end = text.indexOf("\r\n--", start);
    }
    return text.substring(start, end).getBytes(StandardCharsets.UTF_8);
  }
}
