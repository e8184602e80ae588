/** Routes of the outbox: how it goes, which mails there were, and, as long as no mail server is set, what is in them. */
import Type from 'typebox';

import type { AuditEvent } from '#platform/audit';
import type { HttpServer } from '#platform/http';

import type { Mail } from './mail.ts';

export type MailHttpNeeds = Readonly<{
  mail: Mail;
  /** Lets only those through who may, and says who it is. @throws when not, once that is in the log */
  requireReader: (request: object & { id: string }) => Promise<AuditEvent['actor']>;
  /** Writes into the log before anything is shown. */
  append: (event: AuditEvent) => Promise<unknown>;
}>;

const tags = ['mail'];
const NULLABLE = Type.Union([Type.String(), Type.Null()]);
const VIEW = {
  id: Type.String(),
  kind: Type.String({ description: 'what for, such as access.notice' }),
  state: Type.Enum(['queued', 'held', 'sent', 'refused', 'given-up'], {
    description: 'held: no mail server was set, it never leaves',
  }),
  urgent: Type.Boolean(),
  queuedAt: Type.String(),
  attempts: Type.Integer(),
  problem: NULLABLE,
  nextAt: NULLABLE,
  doneAt: NULLABLE,
};
const STATUS = Type.Object({
  way: Type.Enum(['smtp', 'held']),
  queued: Type.Integer(),
  held: Type.Integer(),
  sent: Type.Integer({ description: 'within seven days; refused and givenUp too' }),
  refused: Type.Integer(),
  givenUp: Type.Integer(),
  oldestQueuedAt: NULLABLE,
  problem: NULLABLE,
  problemAt: NULLABLE,
  lastSentAt: NULLABLE,
});
const CONTENT = Type.Object({
  to: Type.String(),
  subject: Type.String(),
  text: Type.String(),
  html: NULLABLE,
  headers: Type.Record(Type.String(), Type.String()),
});

export function mailRoutes(server: HttpServer, { mail, requireReader, append }: MailHttpNeeds): void {
  server.route({
    method: 'GET',
    url: '/v1/mail/status',
    schema: {
      operationId: 'mailStatus',
      tags,
      summary: 'How many mails wait, left and failed, and what is wrong with the mail server; no address',
      response: { 200: STATUS },
    },
    handler: async (request) => {
      await requireReader(request);
      return mail.status();
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/mail/messages',
    schema: {
      operationId: 'listMails',
      tags,
      summary: 'The newest 200 mails: what for, when, what came of it; neither address nor content',
      response: { 200: Type.Object({ messages: Type.Array(Type.Object(VIEW)) }) },
    },
    handler: async (request) => {
      await requireReader(request);
      return { messages: await mail.list() };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/mail/messages/:id',
    schema: {
      operationId: 'getMail',
      tags,
      summary: 'One mail; with its content while it is held for want of a mail server, and that is in the log',
      params: Type.Object({ id: Type.String({ maxLength: 40, description: 'mail_…' }) }),
      response: { 200: Type.Object({ ...VIEW, content: Type.Union([CONTENT, Type.Null()]) }) },
    },
    handler: async (request) => {
      const actor = await requireReader(request);
      const found = await mail.get(request.params.id);
      if (found.content !== null)
        await append({
          action: 'mail.read',
          actor,
          outcome: 'done',
          detail: { mail: found.id, kind: found.kind },
          requestId: request.id,
        });
      return found;
    },
  });
}
