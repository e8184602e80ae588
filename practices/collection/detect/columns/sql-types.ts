/** What a type of SQL or JSON rules out: a boolean is no e-mail address, whatever its column is called. */
import type { DetectedType, Reason } from '../finding.ts';

type Family =
  | 'text'
  | 'number'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'time'
  | 'binary'
  | 'network'
  | 'point'
  | 'uuid'
  | 'other';

export function familyOf(sqlType: string | undefined): Family {
  const type = (sqlType ?? '').toLowerCase().trim();
  const starts = (...heads: string[]): boolean => heads.some((head) => type.startsWith(head));
  if (type === '' || starts('json', 'user-defined', 'enum', 'array', '_', 'domain')) return 'other';
  if (starts('bool', 'bit')) return 'boolean';
  if (starts('tinyint(1)')) return 'boolean';
  if (starts('timestamp', 'datetime')) return 'time';
  if (starts('date', 'year')) return 'date';
  if (starts('interval')) return 'time';
  if (starts('time')) return 'time';
  if (starts('inet', 'cidr', 'macaddr')) return 'network';
  if (starts('point', 'geometry', 'geography')) return 'point';
  if (starts('int', 'bigint', 'smallint', 'tinyint', 'mediumint', 'serial', 'bigserial', 'smallserial'))
    return 'number';
  if (starts('numeric', 'decimal', 'real', 'double', 'float', 'money')) return 'decimal';
  if (starts('bytea', 'blob', 'binary', 'varbinary', 'longblob', 'mediumblob', 'tinyblob', 'image')) return 'binary';
  if (starts('uuid', 'uniqueidentifier')) return 'uuid';
  if (starts('tsvector', 'xml', 'money')) return 'other';
  return 'text';
}

const NUMERIC: readonly DetectedType[] = [
  'phone',
  'payment-card',
  'national-id',
  'device-id',
  'postal-address',
  'passport',
];
const FITS: Readonly<Record<Exclude<Family, 'text' | 'other'>, readonly DetectedType[]>> = {
  boolean: ['health', 'special-category'],
  number: [...NUMERIC, 'birth-date', 'health', 'special-category'],
  decimal: [...NUMERIC, 'geo-position', 'health'],
  date: ['birth-date', 'health'],
  time: ['birth-date'],
  binary: ['credential', 'special-category', 'health'],
  network: ['ip-address', 'mac-address'],
  point: ['geo-position'],
  uuid: ['device-id', 'credential'],
};

/** Evidence against a type that cannot stand in such a column; null when it can. */
export function typeVeto(type: DetectedType, sqlType: string | undefined): Reason | null {
  const family = familyOf(sqlType);
  if (family === 'text' || family === 'other' || FITS[family].includes(type)) return null;
  return { says: `a column of type ${family} does not hold it`, adds: -12 };
}
