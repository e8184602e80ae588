/** A mail server that keeps what it is given, and knows nobody by the addresses it is told. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { SMTPServer } from 'smtp-server';

export type MailServer = Readonly<{
  /** For STRONGROOM_SMTP_URL. */
  url: string;
  got: readonly Readonly<{ to: string; raw: string }>[];
  /** Mail to these is refused for good. */
  refused: Set<string>;
  close: () => Promise<void>;
}>;

export async function openMailServer(): Promise<MailServer> {
  const refused = new Set<string>();
  const got: { to: string; raw: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 100,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) =>
      done(refused.has(address) ? Object.assign(new Error('no such mailbox'), { responseCode: 550 }) : null),
    onData: (stream, session, done) => {
      let raw = '';
      stream.setEncoding('utf8').on('data', (piece: string) => (raw += piece));
      stream.on('end', () => {
        got.push({ to: session.envelope.rcptTo[0]?.address ?? '', raw });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    got,
    refused,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
