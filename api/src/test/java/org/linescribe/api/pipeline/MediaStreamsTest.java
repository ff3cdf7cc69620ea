package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;

/**
 * The platforms that fork a call's audio to a WebSocket. They have no public client: the frames are
 * those of their specifications.
 */
class MediaStreamsTest {
  @RegisterExtension static final ProtocolGateway GATEWAY = new ProtocolGateway();

  private static final HumanCall CALLER = HumanCall.named("pin-jackson-1.wav");
  private static final HumanCall CALLEE = HumanCall.named("pin-lucas-2.wav");

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static List<byte[]> cut(byte[] audio, int bytes) {
    return Stream.iterate(0, at -> at < audio.length, at -> at + bytes)
        .map(at -> Arrays.copyOfRange(audio, at, Math.min(audio.length, at + bytes)))
        .toList();
  }

  private static String twilioStart(String callSid, String tracks) {
    return """
    {"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1",
    "callSid":"%s","tracks":[%s],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,
    "channels":1},"customParameters":{"queue":"sales"}},"streamSid":"MZ1"}
    """
        .formatted(callSid, tracks);
  }

  private static String twilioMedia(String track, long timestampMs, byte[] mulaw) {
    return """
    {"event":"media","sequenceNumber":"3","media":{"track":"%s","chunk":"1","timestamp":"%d",
    "payload":"%s"},"streamSid":"MZ1"}
    """
        .formatted(track, timestampMs, base64(mulaw));
  }

  @Test
  void twiliosTwoTracksAreLegsOfOneSession() {
    List<byte[]> inbound = cut(CALLER.g711(G711Law.PCMU), 160);
    List<byte[]> outbound = cut(CALLEE.g711(G711Law.PCMU), 160);
    try (WebSocketClient twilio = WebSocketClient.connect(GATEWAY.ws("/ws/media-streams"))) {
      twilio.send("{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}");
      twilio.send(twilioStart("CA-both", "\"inbound\",\"outbound\""));
      for (int i = 0; i < Math.max(inbound.size(), outbound.size()); i++) {
        if (i < inbound.size()) {
          twilio.send(twilioMedia("inbound", 20L * i, inbound.get(i)));
        }
        if (i < outbound.size()) {
          twilio.send(twilioMedia("outbound", 20L * i, outbound.get(i)));
        }
      }
      twilio.send("{\"event\":\"dtmf\",\"dtmf\":{\"track\":\"inbound_track\",\"digit\":\"1\"}}");
      twilio.send("{\"event\":\"mark\",\"mark\":{\"name\":\"greeting\"}}");
      twilio.send("{\"event\":\"stop\",\"stop\":{\"accountSid\":\"AC1\",\"callSid\":\"CA-both\"}}");
      assertThat(twilio.closed().code()).isEqualTo(1000);
      assertThat(twilio.received()).as("Twilio takes only its own messages").isEmpty();
    }
    assertThat(CALLER.errors(GATEWAY.text("CA-both", "caller"))).isLessThanOrEqualTo(1);
    assertThat(CALLEE.errors(GATEWAY.text("CA-both", "callee"))).isLessThanOrEqualTo(1);
    SessionRecord session =
        GATEWAY.gateway().pipeline().find(new SessionId("CA-both")).orElseThrow();
    assertThat(session.legs()).containsExactly("caller", "callee");
    assertThat(session.endReason()).hasValue("stop");
    assertThat(session.attributes())
        .containsEntry("call_id", "CA-both")
        .containsEntry("stream_id", "MZ1")
        .containsEntry("queue", "sales")
        .containsEntry("codec", "pcmu");
  }

  @Test
  void aStreamThatBeginsAgainGoesOnAtTheNextNumber() {
    for (int attempt = 0; attempt < 2; attempt++) {
      try (WebSocketClient twilio = WebSocketClient.connect(GATEWAY.ws("/ws/media-streams"))) {
        twilio.send(twilioStart("CA-again", "\"inbound\""));
        twilio.send(twilioMedia("inbound", 0, CALLER.g711(G711Law.PCMU)));
        twilio.send("{\"event\":\"stop\"}");
        assertThat(twilio.closed().code()).isEqualTo(1000);
      }
    }
    List<Segment> segments = GATEWAY.gateway().segments("CA-again");
    assertThat(segments).hasSizeGreaterThanOrEqualTo(2);
    assertThat(segments.getLast().seq()).isEqualTo(segments.size());
    assertThat(GATEWAY.text("CA-again", "caller").split(" ")).hasSize(2 * CALLER.words().size());
  }

  /** A platform's texts before the audio, and its way to carry it. */
  record Platform(String name, String path, List<String> before, Function<byte[], Object> media) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Platform frames(String name, String start, String media) {
    return new Platform(
        name,
        "/ws/media-streams",
        List.of("{\"event\":\"connected\",\"version\":\"1.0.0\"}", start),
        audio -> media.formatted(base64(audio)));
  }

  private static byte[] l16(int rateHz) {
    return SttPipelineTest.pcm(CALLER, rateHz, 0);
  }

  private static byte[] stereo() {
    short[] left = CALLER.pcm();
    ByteBuffer both = ByteBuffer.allocate(4 * left.length).order(ByteOrder.LITTLE_ENDIAN);
    for (short sample : left) {
      both.putShort(sample).putShort((short) 0);
    }
    return both.array();
  }

  static Stream<Arguments> platforms() {
    return Stream.of(
        Arguments.of(
            frames(
                "Telnyx",
                """
                {"event":"start","sequence_number":"1","start":{"user_id":"u","call_control_id":
                "v3:Telnyx","media_format":{"encoding":"PCMA","sample_rate":8000,"channels":1}},
                "stream_id":"32DE0DEA"}\
                """,
                """
                {"event":"media","sequence_number":"4","media":{"track":"inbound","chunk":"2",
                "timestamp":"5","payload":"%s"},"stream_id":"32DE0DEA"}\
                """),
            "v3:Telnyx",
            CALLER.g711(G711Law.PCMA)),
        Arguments.of(
            frames(
                "Plivo",
                """
                {"sequenceNumber":0,"event":"start","start":{"callId":"Plivo","streamId":"s",
                "accountId":"a","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-l16",
                "sampleRate":16000}},"extra_headers":"{}"}\
                """,
                """
                {"sequenceNumber":1,"streamId":"s","event":"media","media":{"track":"inbound",
                "timestamp":"1691757120123","chunk":1,"payload":"%s"},"extra_headers":"{}"}\
                """),
            "Plivo",
            l16(16_000)),
        Arguments.of(
            frames(
                "SignalWire",
                """
                {"event":"start","sequenceNumber":"1","start":{"callSid":"SignalWire","streamSid":"s",
                "tracks":["inbound"],"mediaFormat":{"encoding":"audio/l16","sampleRate":24000,
                "channels":1}}}\
                """,
                "{\"event\":\"media\",\"media\":{\"track\":\"inbound\",\"payload\":\"%s\"}}"),
            "SignalWire",
            l16(24_000)),
        Arguments.of(
            frames(
                "Exotel",
                """
                {"event":"start","sequence_number":"1","stream_sid":"MZ","start":{"call_sid":
                "Exotel","media_format":{"encoding":"audio/x-raw","sample_rate":"8000",
                "bit_rate":"16"}}}\
                """,
                "{\"event\":\"media\",\"media\":{\"chunk\":\"2\",\"payload\":\"%s\"}}"),
            "Exotel",
            l16(8000)),
        Arguments.of(
            new Platform(
                "Vonage",
                "/ws/media-streams",
                List.of(
                    "{\"event\":\"websocket:connected\",\"content-type\":\"audio/l16;rate=16000\","
                        + "\"session_id\":\"Vonage\"}"),
                audio -> audio),
            "Vonage",
            l16(16_000)),
        Arguments.of(
            new Platform(
                "jambonz",
                "/ws/media-streams",
                List.of(
                    "{\"callSid\":\"jambonz\",\"from\":\"1\",\"sampleRate\":8000,\"mixType\":"
                        + "\"stereo\"}"),
                audio -> audio),
            "jambonz",
            stereo()),
        Arguments.of(
            new Platform(
                "mod_audio_fork",
                "/ws/media-streams/mod_audio_fork?sample_rate=16000",
                List.of("any metadata"),
                audio -> audio),
            "mod_audio_fork",
            l16(16_000)),
        Arguments.of(
            new Platform(
                "chan_websocket",
                "/ws/media-streams",
                List.of(
                    "MEDIA_START connection_id:c1 channel:WebSocket/c1/0x7f channel_id:179.20"
                        + " format:slin16 optimal_frame_size:640 ptime:20"),
                audio -> audio),
            "179.20",
            l16(16_000)),
        Arguments.of(
            new Platform(
                "chan_websocket in JSON",
                "/ws/media-streams",
                List.of(
                    "{\"event\":\"MEDIA_START\",\"connection_id\":\"c1\",\"channel_id\":"
                        + "\"179.21\",\"format\":\"ulaw\",\"optimal_frame_size\":160,\"ptime\":20}",
                    "{\"event\":\"DTMF_END\",\"digit\":\"5\"}"),
                audio -> audio),
            "179.21",
            CALLER.g711(G711Law.PCMU)),
        Arguments.of(
            new Platform(
                "mod_audio_stream",
                "/ws/media-streams/mod_audio_stream?results=true",
                List.of(),
                audio -> audio),
            "mod_audio_stream",
            l16(8000)));
  }

  /** Twice: a stream that begins again goes on at the next number. */
  @ParameterizedTest
  @MethodSource("platforms")
  void everyPlatformsAudioIsTranscribed(Platform platform, String id, byte[] audio) {
    stream(platform, audio);
    await().until(() -> GATEWAY.gateway().hasEnded(id));
    assertThat(CALLER.errors(GATEWAY.text(id, "caller"))).isLessThanOrEqualTo(1);
    assertThat(GATEWAY.text(id, "callee")).isEmpty();
    String once = GATEWAY.text(id, "caller");

    stream(platform, audio);
    await().until(() -> GATEWAY.text(id, "caller").equals(once + " " + once));
    List<Segment> segments = GATEWAY.gateway().segments(id);
    assertThat(segments.getLast().seq()).isEqualTo(segments.size());
  }

  private static void stream(Platform platform, byte[] audio) {
    try (WebSocketClient client =
        WebSocketClient.connect(
            GATEWAY.ws(platform.path()),
            upgrade -> upgrade.subprotocols("unknown", "media", "audio.jambonz.org"))) {
      assertThat(client.subProtocol()).isEqualTo("media");
      platform.before().forEach(client::send);
      for (byte[] piece : cut(audio, 3201)) {
        send(client, platform.media().apply(piece));
      }
    }
  }

  private static void send(WebSocketClient client, Object frame) {
    if (frame instanceof byte[] binary) {
      client.send(binary);
    } else {
      client.send(String.valueOf(frame));
    }
  }

  /** Those that name their tracks in JSON: both are sent in turn. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Telnyx|{'call_control_id':'both-Telnyx','media_format':{'encoding':'PCMU','sample_rate':8000,'channels':1}}",
        "Plivo|{'callId':'both-Plivo','tracks':['inbound','outbound'],'mediaFormat':{'encoding':'audio/x-mulaw','sampleRate':8000}}",
        "SignalWire|{'callSid':'both-SignalWire','tracks':['inbound','outbound'],'mediaFormat':{'encoding':'audio/x-mulaw','sampleRate':8000,'channels':1}}"
      })
  void bothTracksOfALookAlikeAreLegs(String name, String start) {
    List<byte[]> inbound = cut(CALLER.g711(G711Law.PCMU), 800);
    List<byte[]> outbound = cut(CALLEE.g711(G711Law.PCMU), 800);
    try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/ws/media-streams"))) {
      client.send("{\"event\":\"start\",\"start\":" + start.replace('\'', '"') + "}");
      for (int i = 0; i < Math.max(inbound.size(), outbound.size()); i++) {
        if (i < inbound.size()) {
          client.send(twilioMedia("inbound", 100L * i, inbound.get(i)));
        }
        if (i < outbound.size()) {
          client.send(twilioMedia("outbound", 100L * i, outbound.get(i)));
        }
      }
      client.send("{\"event\":\"stop\"}");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
    assertBothParties("both-" + name);
  }

  /** Those that send both legs as the channels of one stream. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jambonz|/ws/media-streams|{'callSid':'both-jambonz','sampleRate':8000,'mixType':'stereo'}",
        "fork|/ws/media-streams/both-fork?channels=2|metadata",
        "stream|/ws/media-streams/both-stream?sample_rate=8000&channels=2|{}"
      })
  void bothChannelsOfAStreamAreLegs(String name, String path, String text) {
    int samples = Math.max(CALLER.pcm().length, CALLEE.pcm().length);
    short[] left = Arrays.copyOf(CALLER.pcm(), samples);
    short[] right = Arrays.copyOf(CALLEE.pcm(), samples);
    ByteBuffer both = ByteBuffer.allocate(4 * samples).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < samples; i++) {
      both.putShort(left[i]).putShort(right[i]);
    }
    stream(
        new Platform(name, path, List.of(text.replace('\'', '"')), audio -> audio), both.array());
    await().until(() -> GATEWAY.gateway().hasEnded("both-" + name));
    assertBothParties("both-" + name);
  }

  private static void assertBothParties(String id) {
    assertThat(CALLER.errors(GATEWAY.text(id, "caller"))).isLessThanOrEqualTo(1);
    assertThat(CALLEE.errors(GATEWAY.text(id, "callee"))).isLessThanOrEqualTo(1);
  }

  @Test
  void resultsComeOnTheSameSocketWhereTheyAreAskedFor() throws InterruptedException {
    try (WebSocketClient client =
        WebSocketClient.connect(GATEWAY.ws("/ws/media-streams/with-results?results=true"))) {
      client.send(Arrays.copyOf(l16(8000), l16(8000).length + 32_000));
      while (!client.next().contains("\"type\":\"final\"")) {
        // Partials come before it.
      }
    }
  }

  @Test
  void whatIsNotOfferedIsRefusedWithTheReason() {
    for (String start :
        List.of(
            "{\"event\":\"start\",\"start\":{\"media_format\":{\"encoding\":\"G722\"}}}",
            "{\"event\":\"start\",\"start\":{\"mediaFormat\":{\"sampleRate\":8001}}}",
            "{\"event\":\"start\",\"start\":{\"mediaFormat\":{\"sampleRate\":\"x\"}}}",
            "{\"event\":\"start\",\"start\":{\"mediaFormat\":{\"channels\":2}}}",
            "{\"event\":\"start\",\"start\":{\"tracks\":[\"odd\"]}}",
            "{\"content-type\":\"audio/opus;rate=48000\"}",
            "MEDIA_START connection_id:c1 format:opus",
            "MEDIA_START connection_id:c1 format:slin192")) {
      try (WebSocketClient client = WebSocketClient.connect(GATEWAY.ws("/ws/media-streams"))) {
        client.send(start);
        assertThat(client.closed().code()).as(start).isEqualTo(1008);
        assertThat(client.closed().reason()).as(start).isNotEmpty();
      }
    }
  }
}
