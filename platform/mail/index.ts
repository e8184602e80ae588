/** Mail: an outbox that commits with the change it tells of, and sending by SMTP. */
export { readAddress, readMailbox, type Mailbox } from './address.ts';
export { mailFailure } from './failures.ts';
export { mailRoutes } from './http.ts';
export { createMail, type Mail, type MailNews, type MailStatus } from './mail.ts';
export { subjectLine, type MailToQueue } from './message.ts';
export { mailSealing, type MailSealing } from './sealing.ts';
export { reachSmtp, readSmtpUrl, smtpSender, type SendOne, type SmtpServer } from './smtp.ts';
