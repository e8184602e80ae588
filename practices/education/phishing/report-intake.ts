/**
 * A mailbox for reports: mail servers of the company hand over what people forward to it, by SMTP. It takes mails of people
 * who work here, for one address, and nothing that a program answered by itself.
 */
import type { SMTPServer } from 'smtp-server';

import { isFailure } from '#platform/failure';

import type { By } from '../by.ts';
import type { Staff } from './needs.ts';
import { MOST_REPORT_BYTES } from './read-report.ts';
import type { Thanks, ToReport } from './reports.ts';

export type IntakeNeeds = Readonly<{
  address: string;
  staff: () => Promise<readonly Staff[]>;
  report: (by: By, given: ToReport) => Promise<Thanks>;
  clock: () => Date;
  /** Answers whoever reported. */
  answer: (to: Staff, thanks: Thanks) => Promise<void>;
  onFault: (thrown: unknown) => void;
}>;

/** Of one person; more is a program, or a mail server that does not check who sends. */
const MOST_PER_HOUR = 30;
const HOUR_MS = 3_600_000;

const refused = (responseCode: number, says: string): Error => Object.assign(new Error(says), { responseCode });

export async function reportIntake(needs: IntakeNeeds): Promise<SMTPServer> {
  const { address, staff, report, clock, answer, onFault } = needs;
  const { SMTPServer } = await import('smtp-server');
  let hour = 0;
  const taken = new Map<string, number>();
  const isTooMany = (person: string): boolean => {
    const now = Math.floor(clock().getTime() / HOUR_MS);
    if (now !== hour) taken.clear();
    hour = now;
    const count = (taken.get(person) ?? 0) + 1;
    taken.set(person, count);
    return count > MOST_PER_HOUR;
  };
  const byAddress = async (from: string): Promise<Staff | undefined> =>
    (await staff()).find(({ email, state }) => state === 'active' && email === from.toLowerCase());
  const server = new SMTPServer({
    banner: 'reports of suspicious mail',
    hideSize: false,
    size: MOST_REPORT_BYTES,
    // it listens on this machine alone, behind the company's mail server
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    maxClients: 20,
    socketTimeout: 30_000,
    closeTimeout: 1000,
    onMailFrom: ({ address: from }, _session, done) => {
      byAddress(from).then(
        (person) => done(person === undefined ? refused(550, '5.7.1 only people who work here report') : null),
        (thrown: unknown) => {
          onFault(thrown);
          done(refused(451, '4.3.0 try again later'));
        },
      );
    },
    onRcptTo: ({ address: to }, _session, done) =>
      done(to.toLowerCase() === address.toLowerCase() ? null : refused(550, '5.1.1 no such mailbox')),
    onData: (stream, session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => {
        if (!stream.sizeExceeded) pieces.push(piece);
      });
      stream.on('end', () => {
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
        const take = async (): Promise<void> => {
          if (stream.sizeExceeded) throw refused(552, '5.3.4 too large');
          const mail = Buffer.concat(pieces);
          const person = await byAddress(from);
          if (person === undefined) throw refused(550, '5.7.1 only people who work here report');
          if (isAnswer(mail)) return;
          if (isTooMany(person.id)) throw refused(450, '4.7.1 too many reports, try again in an hour');
          const by: By = {
            actor: { kind: 'staff', id: person.id },
            person: person.id,
            requestId: `mail-${session.id}`,
          };
          const thanks = await report(by, { channel: 'mail', mail, writtenBy: person.email });
          // it is reported: were it refused now, it would come again
          await answer(person, thanks).catch(onFault);
        };
        take().then(
          () => done(null, 'thank you'),
          (thrown: unknown) => {
            if (thrown instanceof Error && 'responseCode' in thrown) return done(thrown);
            if (isFailure(thrown, 'EDUCATION_REPORT_UNREADABLE')) return done(refused(554, '5.6.0 this is no mail'));
            onFault(thrown);
            done(refused(451, '4.3.0 try again later'));
          },
        );
      });
    },
  });
  server.on('error', onFault);
  return server;
}

/** What answers by itself would answer our thanks; what a program forwards is somebody's report. */
function isAnswer(mail: Buffer): boolean {
  const [head = ''] = mail.toString('latin1').split(/\r?\n\r?\n/, 1);
  return /^auto-submitted:\s*auto-replied/im.test(head);
}
