/** What an applied proposal changes in catalog.yaml; comments and order stay as they are. */
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

export type Edit = Readonly<{
  collection: string;
  field: string;
  does: 'erase' | 'coarsen' | 'narrow';
  type: string;
  /** Of `narrow`: the purposes that stay. */
  purposes: readonly string[];
}>;

/** @param document a catalog.yaml that was parsed before @returns null when it says nothing else then */
export function editCatalog(document: string, { collection, field, does, type, purposes }: Edit): string | null {
  const file = parseDocument(document);
  const at = ['collections', collection, 'fields', field];
  if (!file.hasIn(at)) return null;
  if (does === 'erase') file.deleteIn(at);
  else if (does === 'coarsen') file.setIn([...at, 'minimise'], type === 'postcode' ? 'prefix:3' : 'year');
  else {
    const list = file.getIn([...at, 'purposes']);
    if (!isSeq(list)) return null;
    list.items = list.items.filter((item) => {
      const id = isScalar(item) ? item.value : isMap(item) ? item.get('id') : undefined;
      return purposes.includes(String(id));
    });
  }
  const edited = file.toString();
  return edited === document ? null : edited;
}
