/** Phishing exercises on a real database, with a mail server that is not ours, and a clock that is set. For tests. */
import { createSecretKey, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import type { Db } from '#platform/db';
import { publicId, uuidv7 } from '#platform/ids';
import { createMail, mailSealing, smtpSender, type Mail } from '#platform/mail';
import { freshDatabase } from '#platform/testing';
import { SMTPServer } from 'smtp-server';

import type { By } from './by.ts';

import { readShelf, sourceOfStarter } from './starters/shelf.ts';
import type { PhishingNeeds, Staff } from './phishing/needs.ts';
import { openPhishing, type Phishing } from './phishing/open.ts';

export type Got = Readonly<{ to: string; raw: string; id: string }>;
export type Logged = Readonly<{ action: string; detail?: unknown }>;
export type World = Readonly<{
  db: Db;
  phishing: Phishing;
  needs: PhishingNeeds;
  mail: Mail;
  got: Got[];
  logged: Logged[];
  /** Sets what the next mails meet. */
  behave: { refuse: number | null };
  /** The time, and setting it. */
  at: (iso?: string) => Date;
  by: By;
  hire: (name: string, more?: Partial<Pick<Staff, 'state' | 'roles' | 'email'>>) => Promise<Staff>;
  /** So many more, whom nobody knows: exercises are for ten people or more. */
  others: (count: number) => Promise<readonly Staff[]>;
  customers: Set<string>;
  due: () => Promise<void>;
  close: () => Promise<void>;
}>;

const sql = (path: string): URL => new URL(path, import.meta.url);

/** @param origin of landing pages */
export async function phishingWorld(origin: string): Promise<World> {
  const migrated = [
    { schema: 'mail', folder: sql('../../platform/mail/sql/') },
    { schema: 'access', folder: sql('../access/sql/') },
    { schema: 'education', folder: sql('./sql/') },
  ];
  const fresh = await freshDatabase(undefined, { connections: 12, migrated });
  const { db } = fresh;
  const got: Got[] = [];
  const behave: World['behave'] = { refuse: null };
  const server = new SMTPServer({
    closeTimeout: 100,
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: (_address, _session, done) =>
      done(behave.refuse === null ? null : Object.assign(new Error('no'), { responseCode: behave.refuse })),
    onData: (stream, session, done) => {
      let raw = '';
      stream.setEncoding('utf8').on('data', (piece: string) => (raw += piece));
      stream.on('end', () => {
        const id = /^Message-ID: (.*)$/im.exec(raw)?.[1] ?? '';
        got.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), raw, id });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const mail = createMail({
    db,
    sealing: mailSealing(createSecretKey(randomBytes(32))),
    send: smtpSender({ host: '127.0.0.1', port, tls: 'none', auth: null, authorities: null }),
    from: { name: 'Strongroom', address: 'room@example.org' },
    perMinute: 100_000,
  });
  await db`update mail.sender set tokens = 100000`;
  const logged: Logged[] = [];
  const staff: Staff[] = [];
  const customers = new Set<string>();
  // a Wednesday morning
  let now = new Date('2026-03-04T09:00:00Z');
  const needs: PhishingNeeds = {
    db,
    mail,
    clock: () => now,
    audit: {
      append: (event) => (logged.push(event), Promise.resolve(undefined as never)),
      appendIn: (_tx, event) => (logged.push(event), Promise.resolve(undefined as never)),
    },
    staff: () => Promise.resolve(staff),
    isCustomer: (address) => Promise.resolve(customers.has(address)),
    origin,
    helpDesk: 'desk@example.org',
    hours: { zone: 'UTC', spans: [{ days: new Set([1, 2, 3, 4, 5]), from: 540, until: 1020 }] },
    templates: readShelf().shelf.phishing,
    sourceOf: sourceOfStarter,
    reportKey: createSecretKey(randomBytes(32)),
  };
  const hire: World['hire'] = async (name, { state = 'active', roles = ['support'], email = `${name}@example.org` } = {}) => {
    const uuid = uuidv7();
    await db`insert into access.people (person_id, email, name, roles, state, created_by) values (${uuid}, ${email}, ${name}, ${[...roles]}, ${state}, 'test')`;
    const person: Staff = { id: publicId('per', uuid), email, name, roles, state };
    staff.push(person);
    return person;
  };
  return {
    db, needs, mail, got, logged, behave, customers,
    phishing: openPhishing(needs),
    at: (iso) => (iso === undefined ? now : (now = new Date(iso))),
    by: { actor: { kind: 'staff', id: 'person_officer' }, requestId: 'test' },
    hire,
    others: (count) => Promise.all(Array.from({ length: Math.max(0, count) }, () => hire(`other-${uuidv7()}`))),
    due: async () => {
      await db`update mail.outbox set due_at = clock_timestamp(), leased_until = case when lease is null then null else clock_timestamp() - interval '1 second' end where state = 'queued'`;
    },
    close: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await fresh.close();
    },
  };
} // prettier-ignore

/** The token of a mail's link, whatever way it is written down. */
export function tokenIn(raw: string, origin: string): string {
  const plain = raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
  const at = plain.indexOf(`${origin}/`);
  return plain.slice(at + origin.length + 1, at + origin.length + 23);
}
