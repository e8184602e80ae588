/**
 * A mailbox for reports: mail servers of the company hand over what people forward to it, by SMTP. It takes mails of people
 * who work here, for one address, and nothing that a program answered by itself.
 */
import { SMTPServer } from 'smtp-server';

import { isFailure } from '#platform/failure';

import type { By } from '../by.ts';
import type { Staff } from './needs.ts';
import { MOST_REPORT_BYTES } from './read-report.ts';
import type { Thanks, ToReport } from './reports.ts';

export type IntakeNeeds = Readonly<{
  address: string;
  staff: () => Promise<readonly Staff[]>;
  report: (by: By, given: ToReport) => Promise<Thanks>;
  /** Answers whoever reported. */
  answer: (to: Staff, thanks: Thanks) => Promise<void>;
  onFault: (thrown: unknown) => void;
}>;

const refused = (responseCode: number, says: string): Error => Object.assign(new Error(says), { responseCode });

export function reportIntake({ address, staff, report, answer, onFault }: IntakeNeeds): SMTPServer {
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
          // what answers by itself would answer our thanks
          if (/^auto-submitted:\s*auto-/im.test(mail.subarray(0, 8192).toString('latin1').split(/\r?\n\r?\n/)[0] ?? '')) return; // prettier-ignore
          const by: By = {
            actor: { kind: 'staff', id: person.id },
            person: person.id,
            requestId: `mail-${session.id}`,
          };
          await answer(person, await report(by, { channel: 'mail', mail, writtenBy: person.email }));
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
