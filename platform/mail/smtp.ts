/** One mail to the mail server, and what its answer means. Source: RFC 5321 §4.2 (replies), RFC 3463 (enhanced codes) */
import type { Mailbox } from './address.ts';
import type { MailContent } from './message.ts';

export type SmtpServer = Readonly<{
  host: string;
  port: number;
  /** `implicit` from the first byte (smtps), `required` by STARTTLS, `none` for this machine, or where somebody said so. */
  tls: 'implicit' | 'required' | 'none';
  auth: Readonly<{ user: string; pass: string }> | null;
  /** PEM; null: those that Node knows. */
  authorities: string | null;
}>;

export type Sent =
  | Readonly<{ outcome: 'accepted' }>
  /** For good: of this recipient, or of what the mail is. */
  | Readonly<{ outcome: 'refused'; problem: string }>
  /** Not now, or nobody knows: tried again. `ours`: something that will befall every mail. */
  | Readonly<{ outcome: 'later'; problem: string; ours: boolean }>;
export type Letter = MailContent & Readonly<{ id: string; from: Mailbox; date: Date }>;
export type SendOne = (letter: Letter, signal: AbortSignal) => Promise<Sent>;

const CONNECT_MS = 15_000;
const IDLE_MS = 30_000;
const DEFAULT_PORTS = { 'smtp:': 587, 'smtps:': 465 } as const;

/**
 * @param text `smtp://user:password@host:587` or `smtps://…`
 * @param mode `off`: without TLS also to other machines
 * @returns null for what is no such URL
 */
export function readSmtpUrl(text: string, mode: 'required' | 'off'): Omit<SmtpServer, 'authorities'> | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'smtp:' && protocol !== 'smtps:') return null;
  if (hostname === '' || !['', '/'].includes(pathname) || search !== '' || hash !== '') return null;
  if ((username === '') !== (password === '')) return null;
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const here = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
  const plain = mode === 'off' || here ? 'none' : 'required';
  try {
    return {
      host,
      port: port === '' ? DEFAULT_PORTS[protocol] : Number(port),
      tls: protocol === 'smtps:' ? 'implicit' : plain,
      auth: username === '' ? null : { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    };
  } catch {
    return null;
  }
}

// loaded with the first mail: a start does not wait for it
const transportTo = async ({ host, port, tls, auth, authorities }: SmtpServer) =>
  (await import('nodemailer')).createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(authorities === null ? {} : { ca: authorities }) },
    ...(auth === null ? {} : { auth }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: IDLE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

/** Connects and signs in, and sends nothing. @returns what is wrong; null: nothing */
export async function reachSmtp(server: SmtpServer): Promise<string | null> {
  const transport = await transportTo(server);
  try {
    await transport.verify();
    return null;
  } catch (thrown) {
    const { outcome, ...told } = meaningOf(thrown as SmtpError);
    return 'problem' in told ? told.problem : outcome;
  } finally {
    transport.close();
  }
}

/** A connection for each mail: none is left half open, and nothing is sent again behind our back. */
export function smtpSender(server: SmtpServer, { wholeMs = 60_000 }: Readonly<{ wholeMs?: number }> = {}): SendOne {
  let transport: ReturnType<typeof transportTo> | undefined;
  return async ({ id, from, date, to, subject, text, html, headers, shownFrom }, signal) => {
    try {
      const connected = await (transport ??= transportTo(server));
      await connected.sendMail({
        // addresses as objects: no text of theirs is taken apart again
        envelope: { from: from.address, to: [to] },
        from: { name: (shownFrom ?? from).name, address: (shownFrom ?? from).address },
        to: { name: '', address: to },
        // stable, so that whoever gets a mail twice can see that it is one
        messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
        date,
        subject,
        text,
        ...(html === null ? {} : { html }),
        headers: { 'Auto-Submitted': 'auto-generated', ...headers },
        signal: AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]),
      });
      return { outcome: 'accepted' };
    } catch (thrown) {
      return meaningOf(thrown as SmtpError);
    }
  };
}

type SmtpError = Readonly<{ code?: string; command?: string; responseCode?: number; response?: string }>;

/** INVARIANT: of what the server said only its numbers are kept: its text quotes addresses. */
function meaningOf({ code, command = '', responseCode, response = '' }: SmtpError): Sent {
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  const step = /^[A-Z0-9 -]{1,20}$/.test(command) ? command : '';
  const told = [responseCode, enhanced, step === '' ? null : `at ${step}`].filter((each) => each !== null && each !== undefined); // prettier-ignore
  const problem = `${WORDS[code ?? ''] ?? 'it could not be sent'}${told.length === 0 ? '' : ` (${told.join(' ')})`}`;
  const ofThisMail = step === 'RCPT TO' || step === 'DATA';
  // X.7: what the server lets us do, a relay that does not know us above all; every mail would be lost by it
  const policy = enhanced?.startsWith('5.7.') === true;
  if (ofThisMail && !policy && responseCode !== undefined && responseCode >= 500 && responseCode < 600)
    return { outcome: 'refused', problem };
  if (code === 'EMESSAGE' && responseCode === undefined) return { outcome: 'refused', problem };
  return { outcome: 'later', problem, ours: !ofThisMail || policy };
}

const WORDS: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server does not take the user and password',
  ETLS: 'no TLS that could be verified',
  ESOCKET: 'the mail server could not be reached, or no TLS that could be verified',
  ECONNECTION: 'the connection to the mail server broke',
  ETIMEDOUT: 'the mail server did not answer in time',
  EDNS: 'the name of the mail server was not found',
  EENVELOPE: 'the mail server refused sender or recipient',
  EMESSAGE: 'the mail server refused the mail',
  EPROTOCOL: 'the mail server answered something else than SMTP',
  EABORT: 'this server stopped, or it took longer than a minute',
};
