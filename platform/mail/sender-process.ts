/** A server of its own that sends what is due, for the test that kills it: database, port and root key as arguments. */
import { createSecretKey } from 'node:crypto';

import { openDb } from '#platform/db';

import { createMail, mailSealing, smtpSender } from './index.ts';

const [database, port, root] = process.argv.slice(2) as [string, string, string];
const mail = createMail({
  db: openDb(database, { connections: 2 }),
  sealing: mailSealing(createSecretKey(Buffer.from(root, 'hex'))),
  send: smtpSender({ host: '127.0.0.1', port: Number(port), tls: 'none', auth: null, authorities: null }),
  from: { name: 'Strongroom', address: 'room@example.org' },
  perMinute: 1000,
});
await mail.sendDue();
