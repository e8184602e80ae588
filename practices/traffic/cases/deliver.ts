/**
 * Tells others of a case: a signed webhook, and syslog as CEF. Written down with the case and sent after it, again and again
 * until it arrives or a day has passed.
 *
 * Webhooks are signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<base64 of
 * HMAC-SHA256 over id.timestamp.body>`. The id stays the same when it is sent again, so a receiver takes each once.
 * Source: https://github.com/standard-webhooks/standard-webhooks spec; ArcSight CEF 25; RFC 5424, RFC 6587 §3.4.1
 */
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

import type { Secret } from '#platform/crypto';
import type { Db, Tx } from '#platform/db';
import { publicId, uuidv7 } from '#platform/ids';

import { SEVERITIES } from '../alert.ts';
import type { Sealing } from '../record/block.ts';
import { claimDeliveries, endDelivery, insertDelivery, putOffDelivery, type DeliveryRow } from '../store/measures.ts';
import type { CaseNews } from './take-in.ts';

export type DeliverNeeds = Readonly<{
  db: Db;
  sealing: Sealing;
  clock: () => Date;
  fetch: typeof fetch;
  webhook: Readonly<{ url: string; secret: Secret<string> }> | null;
  /** `udp://host:514`, `tcp://host:601`. */
  syslog: string | null;
  version: string;
  /** For one word to one of them, whatever it answers. */
  timeoutMs?: number;
  onTrouble: (what: string, detail: Readonly<Record<string, unknown>>) => void;
}>;
type Message = Readonly<{
  type: string;
  timestamp: string;
  data: Readonly<Record<string, unknown>>;
}>;

const A_DAY_MS = 86_400_000;
const TIMEOUT_MS = 10_000;
/** They are this server's for a minute: so many time out within it. */
const AT_ONCE = 5;

export function createDeliver({ db, sealing, clock, fetch: send, webhook, syslog, version, timeoutMs = TIMEOUT_MS, onTrouble }: DeliverNeeds) {
  const post = async ({ delivery_id, made_at }: DeliveryRow, message: Message, stop: AbortSignal): Promise<void> => {
    if (webhook === null) return;
    const [id, at, body] = [publicId('msg', delivery_id), Math.floor(clock().getTime() / 1000), JSON.stringify(message)];
    const response = await send(webhook.url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
      headers: { 'content-type': 'application/json', 'user-agent': `strongroom/${version}`, ...signedHeaders(webhook.secret.reveal(), id, at, body) },
      body,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`status ${response.status} (made ${made_at.toISOString()})`);
  };
  const log = async (message: Message, stop: AbortSignal): Promise<void> => {
    if (syslog === null) return;
    const { protocol, hostname, port } = new URL(syslog);
    // a URL writes an address of IPv6 in brackets, a socket does not
    const at = { protocol, host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
    await sendSyslog(at, syslogLine(message, clock(), version), AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]));
  };
  return {
    /** In the transaction that keeps the alert. Only what is new or worse: a case that goes on is told of once. */
    onNews: async (tx: Tx, news: CaseNews): Promise<void> => {
      if (news.what === 'more') return;
      const message = messageOf(news, clock());
      for (const channel of ['webhook', 'syslog'] as const) {
        if ((channel === 'webhook' ? webhook : syslog) === null) continue;
        const id = uuidv7();
        await insertDelivery(tx, id, channel, sealing.seal(id, [message]));
      }
    },
    /**
     * Of one channel: one that does not answer holds up no other, whose rounds go on beside. Servers are told where to one
     * after the other: who was not yet leaves the word to one that was.
     */
    sendDue,
  };

  async function sendDue(channel: 'webhook' | 'syslog', stop: AbortSignal): Promise<void> {
    if ((channel === 'webhook' ? webhook : syslog) === null) return;
    for (const row of await claimDeliveries(db, [channel], AT_ONCE)) {
      if (stop.aborted) return;
        try {
          const [message] = sealing.open<Message>(row.delivery_id, row.sealed);
          if (message !== undefined) await (row.channel === 'webhook' ? post(row, message, stop) : log(message, stop));
          await endDelivery(db, row.delivery_id);
        } catch (thrown) {
          const isOver = clock().getTime() - row.made_at.getTime() > A_DAY_MS;
          // nobody would miss what is never told: whoever runs this hears of it, at first and in the end
          if (isOver || row.attempts === 1) onTrouble(`others could not be told of a case${isOver ? ', and are not told any more' : ': it is tried again for a day'}`, { channel, problem: problemOf(thrown) });
          if (isOver) await endDelivery(db, row.delivery_id);
          else await putOffDelivery(db, row.delivery_id, Math.min(3600, 5 * 2 ** Math.min(row.attempts, 10)), problemOf(thrown));
        }
    }
  }
} // prettier-ignore

/** @param secret as Standard Webhooks writes it, `whsec_` ‖ base64, or any text */
export function signedHeaders(secret: string, id: string, at: number, body: string): Record<string, string> {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8');
  const mac = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${mac}` };
}

/** No event and no customer leaves: how many there are, and where to look. */
function messageOf({ caseId, title, severity, entity, alert, customers, what, about }: CaseNews, now: Date): Message {
  return {
    type: `traffic.case.${what}`,
    timestamp: now.toISOString(),
    data: { case: caseId, title, severity: SEVERITIES[severity - 1], about, entity, customers, rule: alert.rule, reason: alert.reason, attack: alert.attack },
  }; // prettier-ignore
}

/** In a header `|` and `\` are escaped, in an extension `=` and `\`; ends of lines in neither (CEF 25, Character Encoding). */
const header = (text: unknown): string => plain(text).replaceAll(/[\\|]/g, String.raw`\$&`);
const extension = (text: unknown): string => plain(text).replaceAll(/[\\=]/g, String.raw`\$&`);
const plain = (text: unknown): string =>
  String(text)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ')
    .slice(0, 500);

export function cefOf({ type, timestamp, data }: Message, version: string): string {
  const entity = data.entity as Record<string, string>;
  // CEF counts to 10: informational 1, low 3, medium 5, high 8, critical 10
  const severity = [1, 3, 5, 8, 10][SEVERITIES.indexOf(data.severity as never)] ?? 1;
  const parts = [
    ['rt', Date.parse(timestamp)],
    ['externalId', data.case],
    ['cs1Label', 'rule'],
    ['cs1', data.rule],
    ['cn1Label', 'customers'],
    ['cn1', data.customers],
    ...(entity.address === undefined ? [] : [['src', entity.address]]),
    ...(entity.actor === undefined ? [] : [['suser', entity.actor]]),
    ['msg', data.reason],
  ] as const;
  const head = ['CEF:0', 'Strongroom', 'Strongroom', version, type, data.title, severity].map((each, i) => (i === 0 ? each : header(each)));
  return `${head.join('|')}|${parts.map(([name, value]) => `${name}=${extension(value)}`).join(' ')}`;
} // prettier-ignore

/** Facility 13 (log audit); severity 1 to 6 by ours. RFC 5424 §6. */
function syslogLine(message: Message, now: Date, version: string): string {
  const level = [6, 5, 4, 2, 1][SEVERITIES.indexOf(message.data.severity as never)] ?? 6;
  return `<${13 * 8 + level}>1 ${now.toISOString()} - strongroom - traffic - ${cefOf(message, version)}`;
}

type At = Readonly<{ protocol: string; host: string; port: number }>;

function sendSyslog({ protocol, host, port }: At, line: string, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(line, 'utf8');
  if (protocol === 'udp:')
    return new Promise((resolve, reject) => {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      let ended = false;
      const end = (err: Error | null): void => {
        if (ended) return;
        ended = true;
        socket.close();
        if (err === null) resolve();
        else reject(err);
      };
      // of a socket that could not be bound: without a listener it would end the process
      socket.on('error', end);
      socket.send(bytes, port, host, end);
    });
  return new Promise((resolve, reject) => {
    // the whole of it has an end: one that sends a byte now and then is never idle
    const socket = connect({ host, port, signal });
    socket.once('error', reject);
    socket.once('connect', () => socket.end(Buffer.concat([Buffer.from(`${bytes.length} `), bytes])));
    // what it says is nothing to us, and has to be read for its end to come
    socket.resume();
    socket.once('close', (hadError) => (hadError ? undefined : resolve()));
  });
}

/** A kind of trouble, without addresses. */
function problemOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown';
  if (thrown.message.startsWith('status ')) return thrown.message.slice(0, 10);
  const causes = [thrown, thrown.cause].filter((each) => each instanceof Error);
  if (causes.some(({ name }) => name === 'TimeoutError')) return 'no answer in time';
  // of the system or of Node: ECONNREFUSED, ENOTFOUND, ERR_TLS_CERT_ALTNAME_INVALID
  const code = causes.map((each) => (each as NodeJS.ErrnoException).code).findLast((each) => typeof each === 'string');
  return code !== undefined && /^[A-Z0-9_]{1,40}$/.test(code) ? code : thrown.name;
}
