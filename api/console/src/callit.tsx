import { useEffect, useState } from "preact/hooks";
import { get } from "./api";
import { Copy } from "./ui";

/** Where the gateway listens, each HOST:PORT. */
export interface Addresses {
  http?: string;
  sip?: string;
  /** By transport: "udp", "tcp", "tls", "ws" and "wss", those that are on. */
  sip_transports: Record<string, string>;
  /** What a phone calls over UDP and TCP, likeliest first. */
  call_at: string[];
}

const LOOPBACK = /^(127\.|\[::1\]|localhost:)/;

export function uri(address: string): string {
  return `sip:test@${address}`;
}

/** "UDP and TCP", "UDP, TCP and TLS" */
export function transports(addresses: Addresses): string {
  const names = Object.keys(addresses.sip_transports).map((name) => name.toUpperCase());
  const last = names.pop() ?? "";
  return names.length > 0 ? `${names.join(", ")} and ${last}` : last;
}

/** How to point a softphone at this gateway, in words and with its real address. */
export function CallIt() {
  const [addresses, setAddresses] = useState<Addresses>();
  const [failure, setFailure] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    get<Addresses>("system/addresses", abort.signal).then(setAddresses, (failed: unknown) => {
      if (!abort.signal.aborted) {
        setFailure(failed instanceof Error ? failed.message : String(failed));
      }
    });
    return () => abort.abort();
  }, []);
  const [first, ...others] = addresses?.call_at ?? [];
  if (!addresses && !failure) {
    return <p class="muted">Asking for the address …</p>;
  }
  if (!addresses || !first) {
    return <p class="muted">This gateway does not tell its SIP address here. {failure}</p>;
  }
  return (
    <>
      <p>From any softphone call</p>
      <p class="address">
        <code>{uri(first)}</code> <Copy text={uri(first)} label="Copy the address" />
      </p>
      {LOOPBACK.test(first) && (
        <p class="muted">
          Only a phone on the gateway's own machine reaches it there: <code>linescribe.sip.bind</code> opens it to others.
        </p>
      )}
      {others.length > 0 && (
        <p class="muted">
          From another network perhaps at{" "}
          {others.map((address, at) => (
            <span key={address}>
              {at > 0 && ", "}
              <code>{address}</code>
            </span>
          ))}
          .
        </p>
      )}
      <p class="muted">
        {transports(addresses)}; any user part will do. PCMU, PCMA, G.722 or Opus must be among the phone's codecs.
      </p>
    </>
  );
}
