/**
 * A scan → a draft of catalog.yaml (docs/formats/catalog.md): what is held, never why. Purpose, legal basis and retention are a
 * person's to decide: the draft's only purpose has no legal basis, so lint refuses every field until somebody has.
 */
import { CATALOG_SCHEMA } from '../catalog-shape.ts';
import type { DetectedType } from '../detect/finding.ts';
import { fieldNameOf, guessField } from './field-guess.ts';
import type { ColumnReport, ScanReport, TableReport } from './scan-report.ts';

/** The purpose that stands for the decision that is missing. */
export const UNDECIDED = 'undecided';

/** Any of these makes a table one of people: a city or a country alone does not. */
const OF_PEOPLE: ReadonlySet<DetectedType> = new Set([
  'email', 'iban', 'payment-card', 'national-id', 'passport', 'device-id', 'ip-address', 'birth-date', 'phone', 'vehicle-plate',
  'username', 'person-name', 'health', 'special-category', 'credential',
] as const); // prettier-ignore

/** @param options.collection its name, when the scan is of one table */
export function proposeCatalog(
  report: Pick<ScanReport, 'source' | 'tables'>,
  { collection = null, owner = 'undecided' }: Readonly<{ collection?: string | null; owner?: string }> = {},
): string {
  const taken = report.tables.filter(isOfPeople);
  const left = report.tables.filter((table) => !taken.includes(table));
  const names = new Set<string>();
  return `${[
    `# A draft, made by strongroom collection scan of ${plain(report.source)}. Format: docs/formats/catalog.md`,
    '# It says what is held. Why, on which legal basis, for how long and who answers for it is yours to decide:',
    `# 1. remove what you do not need: a field that is not here is not held`,
    `# 2. put your purposes in place of ${UNDECIDED}, each with its legalBasis, and give every field those it is held for`,
    '# 3. give every collection a retention and an owner',
    '# 4. strongroom collection lint catalog.yaml refuses it until that is done; then: strongroom collection propose',
    `schema: ${CATALOG_SCHEMA}`,
    '',
    'purposes:',
    `  ${UNDECIDED}:`,
    '    title: "TO DECIDE: why this is held"',
    '    # legalBasis: contract',
    '',
    `collections:${taken.length === 0 ? ' {}' : ''}`,
    ...taken.flatMap((table) =>
      collectionLines(table, nameOf(table, taken.length === 1 ? collection : null, names), owner),
    ),
    ...(left.length === 0
      ? []
      : ['', '# Nothing of a person was seen in:', ...left.map(({ name }) => `#   ${plain(name)}`)]),
  ].join('\n')}\n`;
}

export const isOfPeople = ({ columns }: TableReport): boolean =>
  columns.some(
    ({ type, detail, level, inText }) =>
      (type !== null &&
        (OF_PEOPLE.has(type) || detail === 'street') &&
        (level === 'certain' || type !== 'person-name')) ||
      inText.length > 0,
  );

function nameOf(table: TableReport, given: string | null, taken: Set<string>): string {
  const file = table.name.split(/[\\/]/).at(-1) ?? table.name;
  const parts = file.split('.');
  const bare = table.kind === 'file' ? (parts[0] ?? file) : (parts.at(-1) ?? file);
  const wanted = given ?? fieldNameOf(bare);
  let name = wanted;
  for (let more = 2; taken.has(name); more += 1) name = `${wanted.slice(0, 58)}_${more}`;
  taken.add(name);
  return name;
}

function collectionLines(table: TableReport, name: string, owner: string): string[] {
  const id = externalId(table.columns);
  const fields = table.columns.filter((column) => column !== id.column && !isWhole(column, table.columns));
  const names = new Set<string>();
  return [
    `  ${name}:`,
    `    # from ${plain(table.name)}${table.rows === null ? '' : `, about ${table.rows} rows`}`,
    `    title: ${JSON.stringify(titleOf(name))}`,
    `    owner: ${owner}`,
    `    externalId: {name: ${JSON.stringify(id.column?.name ?? 'id')}, normalise: ${id.normalise}}${id.says}`,
    '    # retention: {after: record.created, for: P2Y}',
    '    fields:',
    ...fields.flatMap((column) => fieldLines(column, uniqueName(column.name, names))),
  ];
}

/** A JSON column that was walked: its paths are the fields. */
const isWhole = (column: ColumnReport, all: readonly ColumnReport[]): boolean =>
  all.some(({ name }) => name.startsWith(`${column.name} $`));

/** The primary key; else what is called id; else the e-mail address, which changes. */
function externalId(columns: readonly ColumnReport[]): {
  column: ColumnReport | null;
  normalise: string;
  says: string;
} {
  const keys = columns.filter(({ key }) => key === 'primary');
  const key = keys.length === 1 ? keys[0] : undefined;
  if (key !== undefined) return { column: key, normalise: key.type === 'email' ? 'email' : 'exact', says: '' };
  const [first] = columns;
  const named = columns.find(
    ({ name, type }) => type === null && /^(id|_id|uuid|guid|key|nr|no|number)$/.test(fieldNameOf(name)),
  );
  const ended =
    first !== undefined && first.type === null && /_(id|key|no|nr|number)$/.test(fieldNameOf(first.name))
      ? first
      : undefined;
  const column = named ?? ended;
  if (column !== undefined) return { column, normalise: 'exact', says: '  # by its name: no single primary key' };
  const email = columns.find(({ type, level }) => type === 'email' && level === 'certain');
  if (email !== undefined)
    return { column: null, normalise: 'exact', says: '  # none was found: e-mail addresses change' };
  return { column: null, normalise: 'exact', says: '  # none was found' };
}

function fieldLines(column: ColumnReport, name: string): string[] {
  const guess = guessField(column);
  const inside = column.inText.map(({ type, prevalence }) => `${type} in ${percent(prevalence.share)} of its texts`);
  const why =
    column.type === null
      ? inside.join(', ')
      : `${column.type}${column.detail === null ? '' : ` (${column.detail})`}, ${column.level} ${percent(column.confidence)}: ${column.reasons.filter(({ adds }) => adds > 0).map(({ says }) => says).join('; ')}`; // prettier-ignore
  return [
    `      ${name}:${why === '' ? '' : `  # ${plain(why)}`}`,
    ...(column.name === name ? [] : [`        # column ${plain(column.name)}`]),
    `        type: ${guess.type}`,
    `        class: ${guess.class}`,
    ...(guess.category === null ? [] : [`        category: ${guess.category}`]),
    ...(guess.search === null ? [] : [`        search: ${guess.search}`]),
    `        purposes: [${UNDECIDED}]`,
  ];
}

function uniqueName(column: string, taken: Set<string>): string {
  const wanted = fieldNameOf(column);
  let name = wanted;
  for (let more = 2; taken.has(name); more += 1) name = `${wanted.slice(0, 58)}_${more}`;
  taken.add(name);
  return name;
}

const titleOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
const percent = (share: number): string => `${Math.round(share * 100)} %`;
/** Names come from outside: in a comment they stay on their line. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').slice(0, 300);
