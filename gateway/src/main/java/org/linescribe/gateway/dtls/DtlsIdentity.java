package org.linescribe.gateway.dtls;

import java.io.IOException;
import java.util.Vector;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's certificate for media, made when it is asked for first. Peers know it by its
 * fingerprint in our SDP. Nothing of Bouncy Castle is loaded before: its signed archives are
 * verified when they are opened, a tenth of a second of a start.
 *
 * <p>Thread: any; callers wait while it is made. Source: RFC 5763 §5, RFC 8827 §6.5.
 */
public final class DtlsIdentity {
  private @Nullable DtlsCertificate made;

  private synchronized DtlsCertificate made() {
    DtlsCertificate known = made;
    if (known == null) {
      known = DtlsCertificate.make();
      made = known;
    }
    return known;
  }

  /** For our SDP. */
  public DtlsFingerprint fingerprint() {
    return made().fingerprint();
  }

  BcTlsCrypto crypto() {
    return made().crypto();
  }

  /** Signs a handshake; null when the peer does not accept our algorithm. */
  @Nullable TlsCredentialedSigner credentials(
      TlsCryptoParameters parameters, @Nullable Vector<?> accepted) throws IOException {
    return made().credentials(parameters, accepted);
  }
}
