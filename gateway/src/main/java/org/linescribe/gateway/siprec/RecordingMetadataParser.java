package org.linescribe.gateway.siprec;

import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.linescribe.session.Participant;

/**
 * Parses untrusted recording metadata, bounded in bytes, elements, depth and text; a document type
 * declaration is refused, so there are no entities but XML's own five.
 *
 * <p>Elements are told by their local names: clients in the field use the namespace of RFC 7865,
 * that of its drafts, or a prefix of their own, and attributes of the drafts ({@code id}).
 *
 * <p>Thread: any. Source: RFC 7865 §10.
 */
public final class RecordingMetadataParser {
  static final int MAX_BYTES = 64 * 1024;
  static final int MAX_ELEMENTS = 4000;
  static final int MAX_DEPTH = 32;
  static final int MAX_TEXT_CHARACTERS = 1024;

  /** Participants, streams, and associations each. */
  static final int MAX_ENTRIES = 256;

  private static final Pattern SCHEME =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);

  /** Connectel's SBC writes header parameters into the name. */
  private static final Pattern NAME_PARAMETERS = Pattern.compile(";lang=.*", Pattern.DOTALL);

  private static final Pattern ADDRESS = Pattern.compile("<([^<>]{1,255})>");
  private static final XMLInputFactory FACTORY = factory();

  private final Deque<String> path = new ArrayDeque<>();
  private final StringBuilder text = new StringBuilder();
  private final Map<String, String> names = new LinkedHashMap<>();
  private final Map<String, String> aors = new HashMap<>();
  private final Map<String, Participant.Role> roles = new HashMap<>();
  private final Map<String, String> labels = new LinkedHashMap<>();
  private final Map<String, Set<String>> sends = new LinkedHashMap<>();
  private final Set<String> gone = new LinkedHashSet<>();
  private final Map<String, String> facts = new HashMap<>();
  private boolean complete = true;
  private String participant = "";
  private String stream = "";
  private String fromHeader = "";
  private String toHeader = "";
  private int elements;

  private RecordingMetadataParser() {}

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, false);
    return factory;
  }

  public static RecordingMetadata parse(byte[] document) throws MetadataException {
    if (document.length > MAX_BYTES) {
      throw new MetadataException(document.length + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    int from = 0;
    // XML allows nothing before its declaration, but a body part may begin with an empty line.
    while (from < document.length && Character.isWhitespace(document[from])) {
      from++;
    }
    try {
      return new RecordingMetadataParser()
          .read(
              FACTORY.createXMLStreamReader(
                  new ByteArrayInputStream(document, from, document.length - from)));
    } catch (XMLStreamException | RuntimeException e) {
      // The parser's messages quote the document.
      throw new MetadataException("not well-formed XML");
    }
  }

  private RecordingMetadata read(XMLStreamReader reader)
      throws XMLStreamException, MetadataException {
    try {
      while (reader.hasNext()) {
        switch (reader.next()) {
          case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
              throw new MetadataException("a document type declaration (expected: none)");
          case XMLStreamConstants.START_ELEMENT -> start(reader);
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> append(reader);
          case XMLStreamConstants.END_ELEMENT -> end();
          default -> {
            // Comments and processing instructions mean nothing here.
          }
        }
      }
    } finally {
      reader.close();
    }
    return result();
  }

  private void append(XMLStreamReader reader) {
    String more = reader.getText();
    text.append(more, 0, Math.min(more.length(), MAX_TEXT_CHARACTERS - text.length()));
  }

  private void start(XMLStreamReader reader) throws MetadataException {
    elements++;
    path.push(reader.getLocalName().toLowerCase(Locale.ROOT));
    if (elements > MAX_ELEMENTS || path.size() > MAX_DEPTH) {
      throw new MetadataException(
          "more than " + MAX_ELEMENTS + " elements, or nested deeper than " + MAX_DEPTH);
    }
    text.setLength(0);
    switch (path.getFirst()) {
      case "session" ->
          facts.putIfAbsent(RecordingMetadata.SESSION_ID, attribute(reader, "session_id", "id"));
      case "group" ->
          facts.putIfAbsent(RecordingMetadata.GROUP_ID, attribute(reader, "group_id", "id"));
      case "participant" -> {
        participant = attribute(reader, "participant_id", "id");
        names.putIfAbsent(participant, "");
      }
      case "participantstreamassoc" -> {
        participant = attribute(reader, "participant_id", "id");
        sends.putIfAbsent(participant, new LinkedHashSet<>());
      }
      case "participantsessionassoc" -> participant = attribute(reader, "participant_id", "id");
      case "nameid" -> aors.putIfAbsent(participant, attribute(reader, "aor", "aor"));
      case "stream" -> stream = attribute(reader, "stream_id", "id");
      default -> {
        // Whatever else a client tells is not needed.
      }
    }
    if (names.size() > MAX_ENTRIES || sends.size() > MAX_ENTRIES) {
      throw new MetadataException("more than " + MAX_ENTRIES + " participants");
    }
  }

  private static String attribute(XMLStreamReader reader, String name, String ofDrafts) {
    String value = reader.getAttributeValue(null, name);
    if (value == null) {
      value = reader.getAttributeValue(null, ofDrafts);
    }
    return value == null ? "" : value.substring(0, Math.min(value.length(), MAX_TEXT_CHARACTERS));
  }

  private void end() throws MetadataException {
    String element = path.pop();
    String parent = path.isEmpty() ? "" : path.getFirst();
    String value = text.toString().strip();
    text.setLength(0);
    switch (element) {
      case "datamode" -> complete = !value.equalsIgnoreCase("partial");
      case "name" -> {
        if (parent.equals("nameid")) {
          names.put(participant, NAME_PARAMETERS.matcher(value).replaceFirst("").strip());
        }
      }
      case "send" -> {
        Set<String> streams = sends.computeIfAbsent(participant, id -> new LinkedHashSet<>());
        if (streams.size() < MAX_ENTRIES && !value.isEmpty()) {
          streams.add(value);
        }
      }
      case "label" -> {
        if (parent.equals("stream") && labels.size() < MAX_ENTRIES) {
          labels.put(stream, value);
        }
      }
      case "disassociate-time" -> {
        if (parent.equals("participantsessionassoc") || parent.equals("participantstreamassoc")) {
          gone.add(participant);
        }
      }
      case "callingparty" ->
          roles.put(
              participant,
              value.equals("true") ? Participant.Role.CALLER : Participant.Role.CALLEE);
      case "sipsessionid" -> facts.putIfAbsent(RecordingMetadata.SIP_SESSION_ID, value);
      case "callid" -> facts.putIfAbsent(RecordingMetadata.CALL_ID, value);
      case "fromhdr" -> fromHeader = address(value);
      case "tohdr" -> toHeader = address(value);
      default -> {
        // Whatever else a client tells is not needed.
      }
    }
  }

  private static String address(String header) {
    Matcher matcher = ADDRESS.matcher(header);
    return matcher.find() ? matcher.group(1) : "";
  }

  private RecordingMetadata result() {
    Map<String, Participant> participants = new LinkedHashMap<>();
    names.forEach(
        (id, name) -> {
          String aor = withScheme(aors.getOrDefault(id, "").strip());
          participants.put(id, new Participant(name, aor, role(id, aor)));
        });
    gone.forEach(id -> sends.put(id, Set.of()));
    facts.values().removeIf(String::isEmpty);
    return new RecordingMetadata(complete, participants, labels, sends, facts);
  }

  private Optional<Participant.Role> role(String id, String aor) {
    if (roles.containsKey(id)) {
      return Optional.ofNullable(roles.get(id));
    }
    // Ribbon: the headers of the recorded call.
    boolean isCaller = aor.equalsIgnoreCase(fromHeader);
    boolean isCallee = aor.equalsIgnoreCase(toHeader);
    if (aor.isEmpty() || isCaller == isCallee) {
      return Optional.empty();
    }
    return Optional.of(isCaller ? Participant.Role.CALLER : Participant.Role.CALLEE);
  }

  /** SEMS and Ribbon write the address without a scheme. */
  private static String withScheme(String aor) {
    return aor.isEmpty() || SCHEME.matcher(aor).matches() ? aor : "sip:" + aor;
  }
}
