package org.linescribe.bench.load;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.UUID;
import org.linescribe.bench.load.ApiLoad.Target;

/** How clients of other systems send a call, in frames of 20 ms. */
enum Protocol {
  TWILIO(
      Coding.MU_LAW,
      Texts.STREAM,
      Texts.start(
          "'callSid':'CA1','tracks':['inbound'],'mediaFormat':{'encoding':'audio/x-mulaw',"
              + "'sampleRate':8000,'channels':1}"),
      Texts.MEDIA,
      Texts.STOP),
  TELNYX(
      Coding.A_LAW,
      Texts.STREAM,
      Texts.start(
          "'call_control_id':'v3:1','media_format':{'encoding':'PCMA','sample_rate':8000,"
              + "'channels':1}"),
      Texts.MEDIA,
      Texts.STOP),
  PLIVO(
      Coding.PCM_16K,
      Texts.STREAM,
      Texts.start(
          "'callId':'p1','tracks':['inbound'],'mediaFormat':{'encoding':'audio/x-l16',"
              + "'sampleRate':16000}"),
      Texts.MEDIA,
      Texts.STOP),
  SIGNALWIRE(
      Coding.PCM_24K,
      Texts.STREAM,
      Texts.start(
          "'callSid':'s1','tracks':['inbound'],'mediaFormat':{'encoding':'audio/l16',"
              + "'sampleRate':24000,'channels':1}"),
      Texts.MEDIA,
      Texts.STOP),
  EXOTEL(
      Coding.PCM_8K,
      Texts.STREAM,
      Texts.start("'call_sid':'e1','media_format':{'encoding':'audio/x-raw','sample_rate':'8000'}"),
      Texts.MEDIA,
      Texts.STOP),
  VONAGE(
      Coding.PCM_16K,
      Texts.STREAM,
      Texts.json("{'event':'websocket:connected','content-type':'audio/l16;rate=16000'}"),
      Texts.BINARY,
      Texts.CLOSE),
  JAMBONZ(
      Coding.STEREO_8K,
      Texts.STREAM,
      Texts.json("{'callSid':'j1','sampleRate':8000,'mixType':'stereo'}"),
      Texts.BINARY,
      Texts.CLOSE),
  MOD_AUDIO_FORK(
      Coding.PCM_16K,
      Texts.STREAM + "&sample_rate=16000",
      "any metadata",
      Texts.BINARY,
      Texts.CLOSE),
  MOD_AUDIO_STREAM(Coding.PCM_8K, Texts.STREAM, "", Texts.BINARY, Texts.CLOSE),
  CHAN_WEBSOCKET(
      Coding.PCM_16K,
      Texts.STREAM,
      "MEDIA_START connection_id:c1 channel_id:1.2 format:slin16 optimal_frame_size:640 ptime:20",
      Texts.BINARY,
      Texts.CLOSE),
  AUDIOSOCKET(Coding.PCM_8K, 0x10),
  AUDIOSOCKET_16K(Coding.PCM_16K, 0x12),
  AUDIOSOCKET_24K(Coding.PCM_24K, 0x13),
  AUDIOSOCKET_48K(Coding.PCM_48K, 0x16),
  UNICAST_RTP(Coding.MU_LAW, "ulaw", 0),
  UNICAST_RTP_ALAW(Coding.A_LAW, "alaw", 8),
  DEEPGRAM(
      Coding.MU_LAW,
      "/v1/listen?encoding=mulaw&sample_rate=8000&interim_results=true&session_id=%s",
      "",
      Texts.BINARY,
      Texts.json("{'type':'CloseStream'}")),
  DEEPGRAM_LINEAR16(
      Coding.PCM_16K,
      "/v1/listen?encoding=linear16&sample_rate=16000&interim_results=true&session_id=%s",
      "",
      Texts.BINARY,
      Texts.json("{'type':'CloseStream'}")),
  OPENAI(Coding.MU_LAW, Texts.REALTIME, Texts.session("audio/pcmu"), Texts.APPEND, Texts.CLOSE),
  OPENAI_ALAW(Coding.A_LAW, Texts.REALTIME, Texts.session("audio/pcma"), Texts.APPEND, Texts.CLOSE),
  OPENAI_PCM16(
      Coding.PCM_24K, Texts.REALTIME, Texts.session("audio/pcm"), Texts.APPEND, Texts.CLOSE),
  VOSK(
      Coding.PCM_8K,
      "/vosk?session_id=%s",
      Texts.json("{'config':{'sample_rate':8000}}"),
      Texts.BINARY,
      Texts.json("{'eof':1}")),
  WHISPERLIVE(
      Coding.FLOAT_16K,
      "/whisperlive?session_id=%s",
      Texts.json("{'uid':'w1','language':null,'task':'transcribe','model':'small'}"),
      Texts.BINARY,
      Texts.END_OF_AUDIO);

  /** The texts of protocols; {@code %s} is the audio in base64, or the session's id. */
  private static final class Texts {
    static final String STREAM = "/ws/media-streams/%s?results=true";
    static final String REALTIME = "/v1/realtime?intent=transcription&session_id=%s";
    static final String MEDIA =
        json("{'event':'media','media':{'track':'inbound','payload':'%s'}}");
    static final String APPEND = json("{'type':'input_audio_buffer.append','audio':'%s'}");
    static final String STOP = json("{'event':'stop'}");

    /** Audio in binary messages. */
    static final String BINARY = "";

    /** The protocol has no end but the close. */
    static final String CLOSE = "";

    /** In a binary message, as all that WhisperLive's clients send after their options. */
    static final String END_OF_AUDIO = "END_OF_AUDIO";

    static String json(String singleQuoted) {
      return singleQuoted.replace('\'', '"');
    }

    static String start(String members) {
      return json("{'event':'start','start':{" + members + "}}");
    }

    static String session(String format) {
      return json(
          "{'type':'session.update','session':{'type':'transcription','audio':{'input':{'format':{"
              + "'type':'"
              + format
              + "'},'turn_detection':{'type':'server_vad','silence_duration_ms':800}}}}}");
    }
  }

  private final Coding coding;
  private final String path;
  private final String begin;
  private final String media;
  private final String end;
  private final int audioSocketKind;
  private final String rtpFormat;
  private final int rtpPayloadType;

  Protocol(Coding coding, String path, String begin, String media, String end) {
    this(coding, path, begin, media, end, 0, "", 0);
  }

  /** AudioSocket over TCP. */
  Protocol(Coding coding, int kind) {
    this(coding, "", "", "", "", kind, "", 0);
  }

  /** RTP to a port that is opened by HTTP. */
  Protocol(Coding coding, String rtpFormat, int payloadType) {
    this(coding, "", "", "", "", 0, rtpFormat, payloadType);
  }

  Protocol(
      Coding coding,
      String path,
      String begin,
      String media,
      String end,
      int audioSocketKind,
      String rtpFormat,
      int rtpPayloadType) {
    this.coding = coding;
    this.path = path;
    this.begin = begin;
    this.media = media;
    this.end = end;
    this.audioSocketKind = audioSocketKind;
    this.rtpFormat = rtpFormat;
    this.rtpPayloadType = rtpPayloadType;
  }

  /** Else it is sent by {@link #call}. */
  boolean isWebSocket() {
    return !path.isEmpty();
  }

  Coding coding() {
    return coding;
  }

  String path(String id) {
    return path.formatted(id);
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Sends all of it, and the end.
   *
   * @param audio in the protocol's {@link #coding}
   * @param frameNs between two frames, 0 for as fast as they are taken
   */
  void sendAll(WebSocket socket, byte[] audio, long startNs, long frameNs, Figures figures) {
    if (!begin.isEmpty()) {
      text(socket, begin);
    }
    long dueNs = startNs;
    long lateNs = 0;
    for (int at = 0; at < audio.length; at += coding.frameBytes()) {
      dueNs += frameNs;
      if (frameNs > 0) {
        Clients.sleepUntil(dueNs);
      }
      frame(socket, frame(audio, at));
      lateNs = Math.max(lateNs, System.nanoTime() - dueNs);
    }
    if (frameNs > 0) {
      figures.latency("latest send", lateNs);
    }
    end(socket);
  }

  private byte[] frame(byte[] audio, int at) {
    return Arrays.copyOfRange(audio, at, Math.min(audio.length, at + coding.frameBytes()));
  }

  private void frame(WebSocket socket, byte[] audio) {
    if (media.isEmpty()) {
      binary(socket, audio);
    } else {
      text(socket, media.formatted(Base64.getEncoder().encodeToString(audio)));
    }
  }

  private void end(WebSocket socket) {
    if (end.isEmpty()) {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    } else if (end.equals(Texts.END_OF_AUDIO)) {
      binary(socket, end.getBytes(StandardCharsets.US_ASCII));
    } else {
      text(socket, end);
    }
  }

  /**
   * Asterisk's side of an AudioSocket connection or of ExternalMedia, to its end.
   *
   * @param frameNs between two frames, 0 for as fast as they are taken; RTP is always in real time
   */
  void call(Target target, UUID id, byte[] audio, long startNs, long frameNs)
      throws IOException, InterruptedException {
    if (rtpFormat.isEmpty()) {
      audioSocket(target, id, audio, startNs, frameNs);
    } else {
      UnicastRtp.call(target, id, rtpFormat, rtpPayloadType, audio, startNs);
    }
  }

  private void audioSocket(Target target, UUID id, byte[] audio, long startNs, long frameNs)
      throws IOException {
    try (java.net.Socket socket =
        new java.net.Socket(InetAddress.getLoopbackAddress(), target.audioSocketPort())) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] uuid =
          ByteBuffer.allocate(16)
              .putLong(id.getMostSignificantBits())
              .putLong(id.getLeastSignificantBits())
              .array();
      write(out, 0x01, uuid);
      long dueNs = startNs;
      for (int at = 0; at < audio.length; at += coding.frameBytes()) {
        dueNs += frameNs;
        if (frameNs > 0) {
          Clients.sleepUntil(dueNs);
        }
        write(out, audioSocketKind, frame(audio, at));
      }
      write(out, 0x00, new byte[0]);
      socket.getInputStream().readAllBytes();
    }
  }

  private static void write(DataOutputStream out, int kind, byte[] payload) throws IOException {
    byte[] frame = new byte[3 + payload.length];
    frame[0] = (byte) kind;
    frame[1] = (byte) (payload.length >> 8);
    frame[2] = (byte) payload.length;
    System.arraycopy(payload, 0, frame, 3, payload.length);
    out.write(frame);
  }

  private static void text(WebSocket socket, String text) {
    socket.sendText(text, true).join();
  }

  private static void binary(WebSocket socket, byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }
}
