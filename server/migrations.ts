/** Where the schema comes from: one folder for each part that keeps something. */
export const MIGRATIONS = [
  { schema: 'audit', folder: new URL('../platform/audit/sql/', import.meta.url) },
  { schema: 'mail', folder: new URL('../platform/mail/sql/', import.meta.url) },
  { schema: 'vault', folder: new URL('../practices/vault/sql/', import.meta.url) },
  { schema: 'backups', folder: new URL('../practices/backups/sql/', import.meta.url) },
  { schema: 'access', folder: new URL('../practices/access/sql/', import.meta.url) },
  { schema: 'collection', folder: new URL('../practices/collection/sql/', import.meta.url) },
  { schema: 'traffic', folder: new URL('../practices/traffic/sql/', import.meta.url) },
  { schema: 'privacy', folder: new URL('../practices/privacy/sql/', import.meta.url) },
  { schema: 'education', folder: new URL('../practices/education/sql/', import.meta.url) },
  { schema: 'assurance', folder: new URL('../practices/assurance/sql/', import.meta.url) },
];
