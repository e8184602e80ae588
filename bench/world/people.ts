/**
 * Made-up customers of twelve fields, the same for everybody who asks for the same number: no two share an e-mail
 * address or a telephone number, and about 2,000 share a last name when there are a million.
 */
export const FIELDS = [
  'first_name', 'last_name', 'email', 'phone', 'company', 'job_title',
  'address', 'city', 'country', 'postal_code', 'active', 'create_date',
] as const; // prettier-ignore
/** The ones that can be searched exactly, and have a b-tree on the clear side. */
export const SEARCHABLE = ['last_name', 'email', 'phone'] as const;
export type Person = Readonly<Record<(typeof FIELDS)[number] | 'customer_id', string>>;

export const CATALOG = `schema: strongroom/catalog/1
title: Customers of the benchmark
purposes:
  service: {title: Serving our customers, legalBasis: contract}
  service.support: {title: Answering a customer's question}
  service.billing: {title: Invoices}
  legal: {title: What a law asks for, legalBasis: legal-obligation}
collections:
  customer:
    title: Customers
    owner: bench
    externalId: {name: customer_id}
    retention: {after: record.created, for: P2Y}
    fields:
      first_name: {type: name, class: personal, purposes: [service.support]}
      last_name: {type: name, class: personal, purposes: [service.support], required: true, search: exact}
      email: {type: email, class: personal, purposes: [service.support], search: exact}
      phone: {type: phone, class: personal, purposes: [service.support], search: exact}
      company: {type: text, class: internal, purposes: [service.support]}
      job_title: {type: text, class: internal, purposes: [service.support]}
      address: {type: address, class: sensitive, purposes: [service.support]}
      city: {type: text, class: personal, purposes: [service.support]}
      country: {type: country, class: personal, purposes: [service.support]}
      postal_code: {type: postcode, class: personal, purposes: [service.support]}
      active: {type: boolean, class: internal, purposes: [service.support]}
      create_date: {type: date, class: personal, purposes: [service.support]}
`;

const FIRST =
  'Anna Ben Clara David Elif Femi Greta Hassan Ida Jonas Katya Liam Mira Noor Olga Pedro Quinn Rosa Sven Tomas'.split(
    ' ',
  );
const LAST =
  'Abel Bauer Conti Dubois Evans Fischer Garcia Horvat Ivanov Jansen Kaya Lopez Moreau Novak Olsen Papadopoulos'.split(
    ' ',
  );
const CITY =
  'Aachen Bergen Cork Dresden Esbjerg Faro Gdansk Helsinki Izmir Jena Kassel Lyon Malmo Nantes Oslo Porto'.split(' ');
const COUNTRY = ['DE', 'NO', 'IE', 'DK', 'PT', 'PL', 'FI', 'TR', 'FR', 'SE'];
const JOB = ['Buyer', 'Head of sales', 'Accountant', 'Engineer', 'Teacher', 'Nurse', 'Owner', 'Clerk'];

/** Spreads neighbouring numbers over 32 bits, so that keys come in no order (the finaliser of MurmurHash3). */
function scatter(n: number): number {
  let h = n | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const pick = (list: readonly string[], n: number): string => list[n % list.length] as string;

/** @param n from 0 */
export function person(n: number): Person {
  const h = scatter(n + 1);
  const first = pick(FIRST, h);
  const last = `${pick(LAST, h >>> 5)}${h % 500 === 0 ? '' : `-${pick(LAST, h >>> 9)}`}`;
  // a bijection of n below 10^8: unique, and in no order
  const number = String((n * 48_271 + 11) % 99_999_989).padStart(8, '0');
  return {
    customer_id: `c${number}`,
    first_name: first,
    last_name: last,
    email: `${first}.${last}.${number}@example.org`.toLowerCase(),
    phone: `+49 30 ${number.slice(0, 4)} ${number.slice(4)}`,
    company: `${pick(LAST, h >>> 3)} & ${pick(LAST, h >>> 11)} GmbH`,
    job_title: pick(JOB, h >>> 7),
    address: `${pick(CITY, h >>> 2)}er Weg ${h % 200}`,
    city: pick(CITY, h >>> 13),
    country: pick(COUNTRY, h >>> 17),
    postal_code: String(10_000 + (h % 89_999)),
    active: h % 3 === 0 ? 'false' : 'true',
    create_date: `${2005 + (h % 20)}-${String(1 + (h % 12)).padStart(2, '0')}-${String(1 + (h % 28)).padStart(2, '0')}`,
  };
}

export const CSV_HEADER = ['customer_id', ...FIELDS].join(',');

/** None of these values needs quotes. @returns lines of people `from` to below `to` */
export function* csvLines(from: number, to: number): Generator<string> {
  for (let n = from; n < to; n += 1) {
    const one = person(n);
    yield `${one.customer_id},${FIELDS.map((field) => one[field]).join(',')}\n`;
  }
}
