/** Mail as the settings say: by which server, from whom, sealed by what. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { configFailure, type Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { Log } from '#platform/log';
import {
  createMail,
  mailSealing,
  readMailbox,
  readSmtpUrl,
  smtpSender,
  type Mail,
  type MailNews,
  type SendOne,
  type SmtpServer,
} from '#platform/mail';
import { openIdentity, type Foundation } from '#practices/vault';

/** Of mails that nobody gets: those that are held. */
const NOWHERE = { name: 'Strongroom', address: 'strongroom@localhost' } as const;

/** @throws CONFIG_MALFORMED; the URL has the password in it, and is never repeated */
export async function openMail(
  config: Config,
  foundation: Foundation,
  { db, log, sender }: { db: Db; log: Log; sender: (send: SendOne | null) => SendOne | null },
): Promise<Mail> {
  const server = await smtpServer(config);
  const from = config.mailFrom === null ? null : readMailbox(config.mailFrom);
  if (config.mailFrom !== null && from === null)
    throw malformed('STRONGROOM_MAIL_FROM should be an address, or Name <address>');
  if (server !== null && from === null) throw malformed('STRONGROOM_SMTP_URL needs STRONGROOM_MAIL_FROM');
  const root = await openIdentity(foundation, 'mail/outbox', () => randomBytes(32));
  return createMail({
    db,
    sealing: mailSealing(createSecretKey(root)),
    send: sender(server === null ? null : smtpSender(server)),
    from: from ?? NOWHERE,
    perMinute: config.mailPerMinute,
    onNews: tell(log),
  });
}

/** null: none is set. @throws CONFIG_MALFORMED */
export async function smtpServer({ secret, smtpTls, smtpCa }: Config): Promise<SmtpServer | null> {
  const url = secret('STRONGROOM_SMTP_URL');
  if (url === null) return null;
  const read = readSmtpUrl(url.reveal(), smtpTls);
  if (read === null)
    throw malformed('STRONGROOM_SMTP_URL should be smtp://user:password@host:port or smtps://…, without a path');
  return { ...read, authorities: smtpCa === null ? null : await readAuthorities(smtpCa) };
}

async function readAuthorities(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw malformed(`STRONGROOM_SMTP_CA: ${path} cannot be read`, cause);
  }
}

const malformed = (detail: string, cause?: unknown): Error => configFailure('MALFORMED', { detail, cause });

/** Ids, kinds and the mail server's numbers: no address. */
const tell =
  (log: Log) =>
  (news: MailNews): void => {
    if (news.what === 'well') log.info('mail leaves again');
    else if (news.what === 'problem') log.warn(news, 'mail cannot be sent; it is kept and tried again');
    else log.warn(news, news.what === 'refused' ? 'a mail was refused for good' : 'a mail was given up');
  };
