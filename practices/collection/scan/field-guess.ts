/** From a scanned column to the field a catalogue would have: name, type, class, search, category. */
import type { DataClass, FieldType } from '../catalog.ts';
import { nameClue, nameWords } from '../detect/columns/column-names.ts';
import { familyOf } from '../detect/columns/sql-types.ts';
import type { DetectedType } from '../detect/finding.ts';
import type { ColumnReport } from './scan-report.ts';

export type FieldGuess = Readonly<{
  type: FieldType;
  class: DataClass;
  search: 'exact' | 'prefix' | null;
  category: string | null;
}>;

type Known = Readonly<{ type: FieldType; search?: 'exact' | 'prefix'; category?: string }>;

const BY_TYPE: Readonly<Record<DetectedType, Known>> = {
  credential: { type: 'text', category: 'user.authorization.credentials' },
  email: { type: 'email', search: 'exact', category: 'user.contact.email' },
  iban: { type: 'iban', search: 'exact', category: 'user.financial.bank_account' },
  'payment-card': { type: 'card', search: 'exact', category: 'user.financial.credit_card' },
  'national-id': { type: 'text', search: 'exact', category: 'user.government_id.national_identification_number' },
  passport: { type: 'text', search: 'exact', category: 'user.government_id.passport_number' },
  'device-id': { type: 'text', search: 'exact', category: 'user.device.device_id' },
  'mac-address': { type: 'text', category: 'user.device' },
  'ip-address': { type: 'text', category: 'user.device.ip_address' },
  'geo-position': { type: 'text', category: 'user.location.precise' },
  'birth-date': { type: 'date', category: 'user.demographic.date_of_birth' },
  phone: { type: 'phone', search: 'exact', category: 'user.contact.phone_number' },
  'vehicle-plate': { type: 'text', search: 'exact', category: 'user.government_id.vehicle_registration' },
  'postal-address': { type: 'address', category: 'user.contact.address' },
  username: { type: 'text', search: 'exact', category: 'user.account.username' },
  'person-name': { type: 'name', search: 'prefix', category: 'user.name' },
  health: { type: 'text', category: 'user.health' },
  'special-category': { type: 'text' },
};
const PARTS_OF_ADDRESS: Readonly<Record<string, Known>> = {
  street: { type: 'address', category: 'user.contact.address.street' },
  postcode: { type: 'postcode', category: 'user.contact.address.postal_code' },
  city: { type: 'text', category: 'user.contact.address.city' },
  region: { type: 'text', category: 'user.contact.address.state' },
  country: { type: 'country', category: 'user.contact.address.country' },
};

export function guessField(column: ColumnReport): FieldGuess {
  const known = knownOf(column);
  if (known !== null) {
    const special = column.class === 'special';
    return {
      type: known.type,
      class: column.class ?? 'personal',
      // an index over a special category would show who shares it
      search: special ? null : (known.search ?? null),
      category: known.category ?? null,
    };
  }
  return {
    type: plainType(column),
    class: column.inText.length > 0 ? 'personal' : 'internal',
    search: null,
    category: null,
  };
}

export const fieldTypeOf = (column: ColumnReport): FieldType => guessField(column).type;

function knownOf({ type, detail, name, sqlType }: ColumnReport): Known | null {
  if (type === null) return null;
  if (type === 'postal-address') return PARTS_OF_ADDRESS[detail ?? ''] ?? BY_TYPE[type];
  if (type === 'phone' && nameWords(name).some((word) => /^(fax|telefax|faxnumber)$/.test(word)))
    return { type: 'phone', search: 'exact', category: 'user.contact.fax_number' };
  // what is no text at the source stays what it is there
  if (type === 'geo-position' && familyOf(sqlType ?? undefined) === 'decimal')
    return { ...BY_TYPE[type], type: 'number' };
  if (type === 'birth-date' && familyOf(sqlType ?? undefined) === 'number')
    return { ...BY_TYPE[type], type: 'integer' };
  return BY_TYPE[type];
}

function plainType({ sqlType, name }: ColumnReport): FieldType {
  const type = (sqlType ?? '').toLowerCase();
  if (name.includes(' $')) return 'text';
  if (type.startsWith('json')) return 'json';
  const family = familyOf(sqlType ?? undefined);
  if (family === 'boolean') return 'boolean';
  if (family === 'number') return 'integer';
  if (family === 'decimal') return 'number';
  if (family === 'date') return type.startsWith('year') ? 'integer' : 'date';
  return 'text';
}

/** `CustomerId` → customer_id; always a name that a catalogue takes. */
export function fieldNameOf(column: string): string {
  const words = column
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const name = /^[a-z]/.test(words) ? words : `f_${words}`;
  return /^(constructor|prototype)$/.test(name) ? `${name}_` : name.slice(0, 63);
}

/** Whether a column of this name says what it holds, personal or not: a first row of such words is a header. */
export const namesSomething = (name: string): boolean =>
  (nameClue(name, undefined)?.reason.adds ?? 0) >= 2.5 || nameWords(name).some((word) => PLAIN_WORDS.has(word));
const PLAIN_WORDS: ReadonlySet<string> = new Set([
  'id', 'name', 'date', 'time', 'title', 'type', 'status', 'amount', 'price', 'quantity', 'total', 'number', 'created', 'updated',
  'description', 'comment', 'notes', 'note', 'code', 'company', 'currency', 'gender', 'age', 'active', 'value', 'key', 'level', 'message',
]); // prettier-ignore
