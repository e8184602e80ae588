/** Mail that the system sends: how it goes, and, while no mail server is set, what would have been sent. */
import type { MailEntry, MailState, MailWithContent } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Mails = {
  status: (options?: CallOptions) => Promise<MailState>;
  /** The newest, without address or content. */
  list: (options?: CallOptions) => Promise<Readonly<{ messages: readonly MailEntry[] }>>;
  /** With its content as long as it is held; that is in the log. */
  get: (id: string, options?: CallOptions) => Promise<MailWithContent>;
};

export function createMails({ json }: Transport): Mails {
  const path = '/v1/mail/messages';
  return {
    status: (options) => json({ method: 'GET', path: '/v1/mail/status', does: 'read' }, options),
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: `${path}/${encodeURIComponent(id)}`, does: 'read' }, options),
  };
}
