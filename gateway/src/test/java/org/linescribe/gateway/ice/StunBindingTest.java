package org.linescribe.gateway.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StunBindingTest {
  /** Source: RFC 5769 §2.1. */
  private static final byte[] REQUEST =
      HexFormat.of()
          .parseHex(
              "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"
                  + "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
                  + "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf");

  private static final IceSession ICE =
      new IceSession(new IceCredentials("evtj", "VOkJxbRl1RmTxUk/WvJxBt"), "h6vY");

  @Test
  void takesTheRequestOfTheSpecification() {
    assertThat(StunBinding.parse(REQUEST, ICE))
        .hasValueSatisfying(request -> assertThat(request.nominates()).isFalse());
  }

  @ParameterizedTest
  @CsvSource({
    "evtj, VOkJxbRl1RmTxUk/WvJxBu, h6vY",
    "evtk, VOkJxbRl1RmTxUk/WvJxBt, h6vY",
    "evtj, VOkJxbRl1RmTxUk/WvJxBt, h6vZ"
  })
  void takesNoRequestOfAnotherStream(String ufrag, String password, String theirs) {
    assertThat(
            StunBinding.parse(REQUEST, new IceSession(new IceCredentials(ufrag, password), theirs)))
        .isEmpty();
  }

  /** The fingerprint behind the integrity is not looked at. */
  @Test
  void takesNoRequestThatWasChanged() {
    long seed = 5769;
    Random random = new Random(seed);
    for (int i = 0; i < REQUEST.length - 8; i++) {
      byte[] changed = REQUEST.clone();
      changed[i] ^= (byte) (1 + random.nextInt(255));
      assertThat(StunBinding.parse(changed, ICE)).as("seed %d byte %d", seed, i).isEmpty();
    }
    for (int length = 0; length < REQUEST.length - 8; length++) {
      byte[] cut = ByteBuffer.allocate(length).put(REQUEST, 0, length).array();
      assertThat(StunBinding.parse(cut, ICE)).isEmpty();
    }
  }

  /** Addresses as in RFC 5769 §2.2, §2.3. */
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 32853, 0001a147e112a643",
    "2001:db8:1234:5678:11:2233:4455:6677, 32853, 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
  })
  void tellsThePeerItsAddress(String host, int port, String xored) {
    byte[] answer =
        StunBinding.parse(REQUEST, ICE).orElseThrow().success(new InetSocketAddress(host, port));

    String hex = HexFormat.of().formatHex(answer);
    assertThat(hex).startsWith("0101").contains("2112a442b7e7a701bc34d686fa87dfae");
    int length = xored.length() / 2;
    assertThat(hex).contains("0020" + "%04x".formatted(length) + xored);
    assertThat(ByteBuffer.wrap(answer).getShort(2)).isEqualTo((short) (answer.length - 20));
  }
}
