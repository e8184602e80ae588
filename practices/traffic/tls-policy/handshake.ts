/** One TLS handshake with a port of ours, and what came of it; optionally one HTTP request behind it. */
import { connect, type ConnectionOptions, type DetailedPeerCertificate } from 'node:tls';

export type Target = Readonly<{
  host: string;
  port: number;
  /** The name that clients use, for SNI and the certificate. */
  serverName: string;
  /** PEM of authorities; without it those that Node knows. */
  authorities?: string;
  /** Shown where the port asks for one. */
  client?: Readonly<{ cert: string; key: string }>;
}>;

export type Shaken =
  | Readonly<{
      kind: 'finished';
      protocol: string;
      /** Key exchange, as OpenSSL names it; empty where Node does not say. */
      group: string;
      certificate: DetailedPeerCertificate;
      /** null: the chain ends at an authority that is trusted. */
      distrust: string | null;
      /** What the port sent after a request; empty without one, or when it sent nothing. */
      answer: string;
      /** An alert or an end after the handshake: in TLS 1.3 a missing client certificate is said only now (RFC 8446 §4.4.2.4). */
      after: string | null;
    }>
  | Readonly<{ kind: 'alert'; code: string }>
  /** This OpenSSL cannot say that. */
  | Readonly<{ kind: 'cannot'; says: string }>
  | Readonly<{ kind: 'silent'; says: string }>;

const PATIENCE_MS = 5_000;
const MOST_ANSWER = 16 * 1024;
/** What this side's OpenSSL says before anything was sent. */
const CANNOT =
  /NO_PROTOCOLS_AVAILABLE|NO_CIPHERS_AVAILABLE|NO_SUITABLE_(?:GROUPS|KEY_SHARE)|INVALID_PROTOCOL|INTERNAL_ERROR|UNSUPPORTED_ALGORITHM/;

/** @param request is sent after the handshake, and the first bytes of the answer are waited for */
export function shakeHands(
  { host, port, serverName, authorities, client }: Target,
  options: ConnectionOptions,
  request: string | null,
): Promise<Shaken> {
  // prettier-ignore
  return new Promise((resolve) => {
    let finished: Extract<Shaken, { kind: 'finished' }> | null = null;
    const end = (shaken: Shaken): void => {
      clearTimeout(timer);
      socket?.destroy();
      resolve(shaken);
    };
    const timer = setTimeout(() => end(finished ?? { kind: 'silent', says: 'no answer in time' }), PATIENCE_MS);
    let socket: ReturnType<typeof connect> | undefined;
    try {
      socket = connect({
        host,
        port,
        // RFC 6066 §3: no addresses
        ...(/^[\d.]+$|:/.test(serverName) ? {} : { servername: serverName }),
        ...(authorities === undefined ? {} : { ca: authorities }),
        ...client,
        ALPNProtocols: ['http/1.1'],
        ...options,
        // looked at below: a port with a bad certificate is a finding, not an end
        rejectUnauthorized: false,
        // whether the name is right is a check of its own
        checkServerIdentity: () => undefined,
      });
    } catch (error) {
      return end({ kind: 'cannot', says: (error as Error).message.slice(0, 200) });
    }
    const open = socket;
    open.once('secureConnect', () => {
      finished = {
        kind: 'finished',
        protocol: open.getProtocol() ?? '',
        group: String((open.getEphemeralKeyInfo() as { name?: string } | null)?.name ?? ''),
        certificate: open.getPeerCertificate(true),
        distrust: open.authorized ? null : String(open.authorizationError),
        answer: '',
        after: null,
      };
      if (request === null) end(finished);
      else open.write(request);
    });
    let answer = '';
    open.on('data', (chunk: Buffer) => {
      answer = (answer + chunk.toString('latin1')).slice(0, MOST_ANSWER);
      if (finished !== null && (/\r\n\r\n/.test(answer) || answer.length >= MOST_ANSWER || !answer.startsWith('HTTP/'.slice(0, answer.length)))) end({ ...finished, answer }); // prettier-ignore
    });
    open.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message.slice(0, 100);
      if (finished !== null) end({ ...finished, answer, after: code });
      else if (CANNOT.test(code)) end({ kind: 'cannot', says: code });
      else if (/ALERT|UNSUPPORTED_PROTOCOL|WRONG_VERSION|ECONNRESET|EPROTO/.test(code)) end({ kind: 'alert', code });
      else end({ kind: 'silent', says: code });
    });
    open.once('close', () => end(finished === null ? { kind: 'alert', code: 'closed' } : { ...finished, answer, after: 'closed' })); // prettier-ignore
  });
}
