/** Settings of phishing exercises, of the mailbox of reports, and of reports without a name. */
import { reject } from './parsed.ts';
import { setting, text, whole } from './setting.ts';
import { webOrigin } from './web-addresses.ts';

export const PHISHING_SETTINGS = {
  phishingUrl: setting<string | null>(
    'STRONGROOM_PHISHING_URL',
    'origin of the landing pages of phishing exercises, such as https://portal.example.net: a name of its own, never that of the console',
    webOrigin,
    () => null,
  ),
  phishingPort: setting<number | null>(
    'STRONGROOM_PHISHING_PORT',
    'port of this machine that serves the landing pages, behind a proxy that ends TLS',
    whole(0, 65_535),
    () => null,
  ),
  helpDesk: setting<string | null>(
    'STRONGROOM_HELP_DESK',
    'address that is told of phishing exercises before they begin',
    text,
    () => null,
  ),
  reportAddress: setting<string | null>(
    'STRONGROOM_REPORT_ADDRESS',
    'mailbox that people forward suspicious mail to; needs STRONGROOM_REPORT_PORT',
    text,
    () => null,
  ),
  reportPort: setting<number | null>(
    'STRONGROOM_REPORT_PORT',
    'port of this machine where the mail server hands over mails to STRONGROOM_REPORT_ADDRESS, by SMTP',
    whole(0, 65_535),
    () => null,
  ),
  incidentCall: setting<string | null>(
    'STRONGROOM_INCIDENT_CALL',
    'whom to call in an emergency, as the page for reports without a name says it: +49 30 1234, security desk; at most 100 characters',
    (raw) => (raw.trim().length > 100 ? reject('at most 100 characters') : text(raw)),
    () => null,
  ),
} as const;
