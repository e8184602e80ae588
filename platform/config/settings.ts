/**
 * The settings, one line each: name in the file, name in the environment, parser, default.
 *
 * The environment wins over `strongroom.config.json`. Anything malformed stops the start with the setting's name, what
 * was expected and a hint; so does a name that is not known, because a misspelt safety setting would be silently off.
 */
import { join } from 'node:path';

import type { NamedNetworks, Network } from '#platform/networks';

import { accept, reject, type Parsed } from './parsed.ts';
import { COURSE_SETTINGS } from './course-settings.ts';
import { ASSURANCE_SETTINGS } from './assurance-settings.ts';
import { PHISHING_SETTINGS } from './phishing-settings.ts';
import { oneOf, setting, text, whole } from './setting.ts';
import { TELEMETRY_SETTINGS } from './telemetry-settings.ts';
import { postgresUrl, syslogAddress, webAddress, webOrigin, webOrigins } from './web-addresses.ts';
import { businessHours, proxies, zones, type BusinessHours, type Zone } from './surroundings.ts';

const countries = (raw: string): Parsed<readonly string[]> => {
  const codes = raw.split(',').map((each) => each.trim());
  return codes.every((each) => /^[A-Z]{2}$/.test(each))
    ? accept(codes)
    : reject('countries as ISO 3166-1 alpha-2, with commas between: DE,FR');
};

const stores = (raw: string): Parsed<readonly string[]> => {
  const found = raw.trim().split(/\s+/);
  return found.every((each) => /^(directory:\/|s3:\/\/)/.test(each))
    ? accept(found)
    : reject('one or more of directory:/path and s3://bucket/prefix, with spaces between');
};

/** Stands where nobody has said yet who answers for the data. */
export const UNNAMED_CONTROLLER = 'The operator of this installation';

export const SETTINGS = {
  host: setting('STRONGROOM_HOST', 'address to listen on', text, () => '127.0.0.1'),
  port: setting('STRONGROOM_PORT', 'port to listen on', whole(0, 65_535), () => 7700),
  // prettier-ignore
  drainSeconds: setting('STRONGROOM_DRAIN_SECONDS', 'how long a server that was told to stop still takes requests, so that balancers see it first', whole(0, 300), () => 0),
  databaseUrl: setting<string | null>(
    'DATABASE_URL',
    'PostgreSQL 15 to 18; without it an embedded one is started below the home',
    postgresUrl,
    () => null,
  ),
  databaseConnections: setting(
    'STRONGROOM_DATABASE_CONNECTIONS',
    'connections of this process',
    whole(5, 200),
    () => 13,
  ),
  // prettier-ignore
  databaseSilentSeconds: setting('STRONGROOM_DATABASE_SILENT_SECONDS', 'a session of the database that does not answer as long as this is asked after by a new one', whole(1, 600), () => 20),
  jobs: setting(
    'STRONGROOM_JOBS',
    'all: this server does its part of what goes on beside the requests; none: only what each has to do for itself',
    oneOf('all', 'none'),
    () => 'all' as const,
  ),
  catalog: setting('STRONGROOM_CATALOG', 'path of catalog.yaml', text, ({ home }) => join(home, 'catalog.yaml')),
  kms: setting('STRONGROOM_KMS', 'root key provider', text, ({ home }) => `file:${join(home, 'keys', 'root-a.json')}`),
  kmsSecond: setting(
    'STRONGROOM_KMS_SECOND',
    'root key provider of the second layer (class special); another account, device or people than the first',
    text,
    ({ home }) => `file:${join(home, 'keys', 'root-b.json')}`,
  ),
  logLevel: setting(
    'STRONGROOM_LOG',
    'log level',
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
    () => 'info' as const,
  ),
  publicUrl: setting<string | null>(
    'STRONGROOM_PUBLIC_URL',
    'address that people type, such as https://strongroom.example.org; needed behind a proxy that ends TLS',
    webOrigin,
    () => null,
  ),
  trustedProxies: setting<readonly Network[]>(
    'STRONGROOM_TRUSTED_PROXIES',
    'proxies in front whose X-Forwarded-For is believed',
    proxies,
    () => [],
  ),
  zones: setting<NamedNetworks<Zone>>('STRONGROOM_ZONES', 'networks that policies know by name', zones, () => []),
  businessHours: setting<BusinessHours | null>(
    'STRONGROOM_BUSINESS_HOURS',
    'when policies see business hours',
    businessHours,
    () => null,
  ),
  // prettier-ignore
  volumeMinutes: setting('STRONGROOM_VOLUME_MINUTES', 'how long it counts for policies that somebody opened a customer', whole(1, 1440), () => 60),
  // prettier-ignore
  volumeHigh: setting('STRONGROOM_VOLUME_HIGH', 'different customers in that time from which on policies see a high volume', whole(2, 1_000_000), () => 300),
  // prettier-ignore
  volumeExtreme: setting('STRONGROOM_VOLUME_EXTREME', 'the same for an extreme one; more than STRONGROOM_VOLUME_HIGH', whole(3, 1_000_000), () => 1000),
  // prettier-ignore
  restingDays: setting('STRONGROOM_UNUSED_ROLE_DAYS', 'days unused after which a role of a person rests, to be asked for; 0: never', whole(0, 3650), () => 90),
  controllerName: setting(
    'STRONGROOM_CONTROLLER',
    'who answers for the data (GDPR art. 4(7)): the name in notices and receipts',
    text,
    () => UNNAMED_CONTROLLER,
  ),
  regions: setting<readonly string[]>(
    'STRONGROOM_REGIONS',
    'countries that the data is stored and used in, such as DE,FR: for the notice',
    countries,
    () => [],
  ),
  sites: setting<readonly string[]>(
    'STRONGROOM_SITES',
    'origins of the websites that may ask for and record choices of their visitors, such as https://shop.example.org',
    webOrigins,
    () => [],
  ),
  controllerContact: setting<string | null>(
    'STRONGROOM_CONTROLLER_CONTACT',
    'where customers reach them: an address, in notices and receipts',
    text,
    () => null,
  ),
  oidcIssuer: setting<string | null>(
    'STRONGROOM_OIDC_ISSUER',
    'OpenID Connect provider that signs people in',
    webAddress,
    () => null,
  ),
  oidcClientId: setting<string | null>('STRONGROOM_OIDC_CLIENT_ID', 'client at the provider', text, () => null),
  oidcMfaAcr: setting<readonly string[]>(
    'STRONGROOM_OIDC_MFA_ACR',
    'values of acr that mean two factors, with spaces between',
    (raw) => accept(raw.trim().split(/\s+/)),
    () => [],
  ),
  tlsCert: setting<string | null>('STRONGROOM_TLS_CERT', 'path of a PEM certificate chain', text, () => null),
  tlsKey: setting<string | null>('STRONGROOM_TLS_KEY', 'path of a PEM private key', text, () => null),
  tlsClients: setting(
    'STRONGROOM_TLS_CLIENTS',
    'request: clients are asked for a certificate, which a key can be bound to',
    oneOf('off', 'request'),
    () => 'off' as const,
  ),
  leakedPasswords: setting<string | null>(
    'STRONGROOM_LEAKED_PASSWORDS',
    'path of a file of SHA-1 hashes of leaked passwords, in their order',
    text,
    () => null,
  ),
  sessionsPerPerson: setting(
    'STRONGROOM_SESSIONS_PER_PERSON',
    'sessions that a person has at once',
    whole(1, 100),
    () => 5,
  ),
  tlsClientCa: setting<string | null>(
    'STRONGROOM_TLS_CLIENT_CA',
    'path of PEM certificates: only client certificates that these issued count',
    text,
    () => null,
  ),
  neverBlock: setting<readonly Network[]>(
    'STRONGROOM_NEVER_BLOCK',
    'addresses and networks that are never blocked, whatever is found: those of the people who run this',
    proxies,
    () => [],
  ),
  feeds: setting<string | null>(
    'STRONGROOM_FEEDS',
    'path of a YAML file of sensors beside this system: logs, flows, an interface',
    text,
    () => null,
  ),
  inspection: setting(
    'STRONGROOM_INSPECTION',
    'requests that look like attacks: off, monitor (told of), refuse (and refused)',
    oneOf('off', 'monitor', 'refuse'),
    () => 'monitor' as const,
  ),
  trafficDays: setting('STRONGROOM_TRAFFIC_DAYS', 'days that events are kept', whole(1, 365), () => 14),
  caseDays: setting('STRONGROOM_CASE_DAYS', 'days that closed cases are kept', whole(30, 3650), () => 730),
  trafficWebhook: setting<string | null>(
    'STRONGROOM_TRAFFIC_WEBHOOK',
    'address that is told of cases, signed; needs STRONGROOM_TRAFFIC_WEBHOOK_SECRET',
    webAddress,
    () => null,
  ),
  trafficSyslog: setting<string | null>(
    'STRONGROOM_TRAFFIC_SYSLOG',
    'syslog server that is told of cases in CEF: udp://host:514 or tcp://host:601',
    syslogAddress,
    () => null,
  ),
  ...PHISHING_SETTINGS,
  ...TELEMETRY_SETTINGS,
  ...COURSE_SETTINGS,
  mailFrom: setting<string | null>(
    'STRONGROOM_MAIL_FROM',
    'sender of all mail, such as Our Company <privacy@example.org>; needed with STRONGROOM_SMTP_URL',
    text,
    () => null,
  ),
  mailPerMinute: setting(
    'STRONGROOM_MAIL_PER_MINUTE',
    'mails that leave in a minute, over all servers',
    whole(1, 100_000),
    () => 120,
  ),
  smtpTls: setting(
    'STRONGROOM_SMTP_TLS',
    'off: mail and password go to the mail server in clear, also to other machines',
    oneOf('required', 'off'),
    () => 'required' as const,
  ),
  smtpCa: setting<string | null>(
    'STRONGROOM_SMTP_CA',
    'path of PEM certificates: who vouches for the mail server, instead of those that Node knows',
    text,
    () => null,
  ),
  origin: setting<string | null>('STRONGROOM_LOG_ORIGIN', 'name of the audit log in its checkpoints', text, () => null),
  auditPolicy: setting<string | null>(
    'STRONGROOM_AUDIT_POLICY',
    'path of a tlog-policy file: the witnesses of the audit log, and how many must cosign',
    text,
    () => null,
  ),
  auditWitnessTimeoutMs: setting(
    'STRONGROOM_AUDIT_WITNESS_TIMEOUT_MS',
    'how long a checkpoint waits for a witness',
    whole(100, 60_000),
    () => 5000,
  ),
  epochDays: setting('STRONGROOM_EPOCH_DAYS', 'days until the key epoch is rotated', whole(1, 3650), () => 90),
  attachmentMib: setting('STRONGROOM_ATTACHMENT_MIB', 'largest attachment, in MiB', whole(1, 65_536), () => 256),
  intakeDays: setting(
    'STRONGROOM_INTAKE_DAYS',
    'days that one key for sealed forms is published',
    whole(1, 365),
    () => 90,
  ),
  verifyHours: setting(
    'STRONGROOM_VERIFY_HOURS',
    'hours between two verifications of all records; 0: none by itself',
    whole(0, 8760),
    () => 24,
  ),
  backupStores: setting<readonly string[]>(
    'STRONGROOM_BACKUPS',
    'stores of backups, with spaces between: directory:/path, or s3://bucket/prefix?endpoint=https://…&region=…',
    stores,
    ({ home }) => [`directory:${home}-backups`],
  ),
  backupKeyStores: setting<readonly string[] | null>(
    'STRONGROOM_BACKUPS_KEYS',
    "stores of the keys' backups; without it where the data is",
    stores,
    () => null,
  ),
  backupLedgerStores: setting<readonly string[] | null>(
    'STRONGROOM_BACKUPS_LEDGER',
    'stores of the ledger of erasures, another place than the data is in; without it where the data is',
    stores,
    () => null,
  ),
  backupHours: setting(
    'STRONGROOM_BACKUPS_HOURS',
    'hours between two backups; 0: none by itself',
    whole(0, 8760),
    () => 24,
  ),
  backupDrillDays: setting(
    'STRONGROOM_BACKUPS_DRILL_DAYS',
    'days between two restores that are tried beside the system, with as much disk as the database has; 0: none by itself',
    whole(0, 365),
    () => 7,
  ),
  ...ASSURANCE_SETTINGS,
  fieldCipher: setting(
    'STRONGROOM_FIELD_CIPHER',
    'what fields are sealed with from now on; aes-256-gcm where only approved algorithms may be used (FIPS 140-3)',
    oneOf('xchacha20-poly1305', 'aes-256-gcm'),
    () => 'xchacha20-poly1305' as const,
  ),
  dekDays: setting('STRONGROOM_DEK_DAYS', "days until a subject's key is renewed on write", whole(1, 3650), () => 365),
} as const;

export type SettingName = keyof typeof SETTINGS;
