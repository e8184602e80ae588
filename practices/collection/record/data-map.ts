/** Where data comes from, where it is held, what for, and to whom it goes: the catalogue as a map. */
import { DATA_CLASSES, type Catalog, type DataClass, type FieldSpec } from '../catalog.ts';

export type MapFlow = Readonly<{
  /** `source:…`, `collection:…`, `purpose:…` or `recipient:…`. */
  from: string;
  to: string;
  fields: readonly string[];
  /** The most sensitive of them. */
  class: DataClass;
}>;
export type DataMap = Readonly<{
  sources: readonly string[];
  collections: readonly Readonly<{
    name: string;
    title: string;
    owner: string;
    subject: string;
    /** How many fields of each class. */
    classes: Readonly<Record<DataClass, number>>;
  }>[];
  purposes: readonly Readonly<{ id: string; title: string; legalBasis: string | null }>[];
  recipients: readonly Readonly<{ id: string; title: string; country: string | null; safeguard: string | null }>[];
  flows: readonly MapFlow[];
}>;

/** Of a field that does not say where it comes from. */
const UNSAID = 'not said';

export function dataMap(catalog: Catalog): DataMap {
  const flows = new Map<string, { from: string; to: string; fields: string[]; class: DataClass }>();
  const flow = (from: string, to: string, field: FieldSpec): void => {
    const known = flows.get(`${from} ${to}`) ?? { from, to, fields: [], class: field.class };
    known.fields.push(field.name);
    if (DATA_CLASSES.indexOf(field.class) > DATA_CLASSES.indexOf(known.class)) known.class = field.class;
    flows.set(`${from} ${to}`, known);
  };
  const [sources, recipients, purposes] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const collections = [...catalog.collections.values()].map((collection) => {
    const here = `collection:${collection.name}`;
    const fields = [
      ...collection.fields.values(),
      ...(collection.attachments === null ? [] : [collection.attachments]),
    ];
    const classes = Object.fromEntries(DATA_CLASSES.map((name) => [name, 0])) as Record<DataClass, number>;
    for (const field of fields) {
      classes[field.class] += 1;
      sources.add(field.source ?? UNSAID);
      flow(`source:${field.source ?? UNSAID}`, here, field);
      for (const { id } of field.purposes) {
        purposes.add(id);
        flow(here, `purpose:${id}`, field);
      }
      for (const recipient of field.recipients) {
        recipients.add(recipient);
        flow(here, `recipient:${recipient}`, field);
      }
    }
    const { name, title, owner, subjectCategory: subject } = collection;
    return { name, title, owner, subject, classes };
  });
  return {
    sources: [...sources].toSorted(),
    collections,
    purposes: [...purposes].toSorted().map((id) => {
      const known = catalog.purposes.get(id);
      return { id, title: known?.title ?? id, legalBasis: known?.legalBasis ?? null };
    }),
    recipients: [...recipients].toSorted().map((id) => {
      const known = catalog.recipients.get(id);
      return { id, title: known?.title ?? id, country: known?.country ?? null, safeguard: known?.safeguard ?? null };
    }),
    flows: [...flows.values()],
  };
}
