package org.linescribe.gateway.dtls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Vector;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.DefaultTlsCredentialedSigner;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCertificate;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * A certificate for media with its key: self-signed on P-256, never written down.
 *
 * <p>Thread: any. Source: RFC 5763 §5, RFC 8827 §6.5.
 */
final class DtlsCertificate {
  private static final SignatureAndHashAlgorithm SIGNATURE =
      new SignatureAndHashAlgorithm(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa);
  private static final Duration VALIDITY = Duration.ofDays(3650);

  private final BcTlsCrypto crypto;
  private final AsymmetricCipherKeyPair keys;
  private final byte[] certificate;
  private final DtlsFingerprint fingerprint;

  private DtlsCertificate(
      BcTlsCrypto crypto,
      AsymmetricCipherKeyPair keys,
      byte[] certificate,
      DtlsFingerprint fingerprint) {
    this.crypto = crypto;
    this.keys = keys;
    this.certificate = certificate;
    this.fingerprint = fingerprint;
  }

  /** Some 50 ms, a second where the classes that it takes are not loaded yet. */
  static DtlsCertificate make() {
    BcTlsCrypto crypto = new BcTlsCrypto(new SecureRandom());
    ECKeyPairGenerator generator = new ECKeyPairGenerator();
    generator.init(
        new ECKeyGenerationParameters(
            new ECNamedDomainParameters(
                SECObjectIdentifiers.secp256r1, CustomNamedCurves.getByName("secp256r1")),
            crypto.getSecureRandom()));
    AsymmetricCipherKeyPair keys = generator.generateKeyPair();
    try {
      byte[] certificate = sign(keys, crypto.getSecureRandom());
      return new DtlsCertificate(
          crypto, keys, certificate, DtlsFingerprint.of("sha-256", certificate));
    } catch (IOException | CryptoException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sign(AsymmetricCipherKeyPair keys, SecureRandom random)
      throws IOException, CryptoException {
    AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    X500Name name = new X500Name("CN=LineScribe");
    Instant now = Instant.now();
    V3TBSCertificateGenerator unsigned = new V3TBSCertificateGenerator();
    unsigned.setSerialNumber(new ASN1Integer(new BigInteger(63, random)));
    unsigned.setSignature(algorithm);
    unsigned.setIssuer(name);
    unsigned.setSubject(name);
    // Clocks of peers differ; nobody should mind, as the fingerprint is what counts.
    unsigned.setStartDate(new Time(Date.from(now.minus(Duration.ofDays(1)))));
    unsigned.setEndDate(new Time(Date.from(now.plus(VALIDITY))));
    unsigned.setSubjectPublicKeyInfo(
        SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(keys.getPublic()));
    TBSCertificate toSign = unsigned.generateTBSCertificate();
    byte[] encoded = toSign.getEncoded(ASN1Encoding.DER);
    DSADigestSigner signer = new DSADigestSigner(new ECDSASigner(), new SHA256Digest());
    signer.init(true, keys.getPrivate());
    signer.update(encoded, 0, encoded.length);
    ASN1EncodableVector parts = new ASN1EncodableVector();
    parts.add(toSign);
    parts.add(algorithm);
    parts.add(new DERBitString(signer.generateSignature()));
    return new DERSequence(parts).getEncoded(ASN1Encoding.DER);
  }

  DtlsFingerprint fingerprint() {
    return fingerprint;
  }

  BcTlsCrypto crypto() {
    return crypto;
  }

  /** Signs a handshake; null when the peer does not accept our algorithm. */
  @Nullable TlsCredentialedSigner credentials(
      TlsCryptoParameters parameters, @Nullable Vector<?> accepted) throws IOException {
    if (accepted != null
        && accepted.stream()
            .noneMatch(
                one ->
                    one instanceof SignatureAndHashAlgorithm algorithm
                        && algorithm.equals(SIGNATURE))) {
      return null;
    }
    Certificate chain =
        new Certificate(new TlsCertificate[] {new BcTlsCertificate(crypto, certificate)});
    DefaultTlsCredentialedSigner signer =
        new BcDefaultTlsCredentialedSigner(parameters, crypto, keys.getPrivate(), chain, SIGNATURE);
    return signer;
  }
}
