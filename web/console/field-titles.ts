/** What a collection and its fields are called: a title in place of a name; of what the catalogue does not know, the name. */
import { useCatalog } from './session.ts';

export function useFieldTitles(): Readonly<{
  collectionOf: (collection: string) => string;
  fieldOf: (collection: string, field: string) => string;
}> {
  const catalog = useCatalog();
  const find = (collection: string) => catalog.data?.collections.find(({ name }) => name === collection);
  return {
    collectionOf: (collection) => find(collection)?.title ?? collection,
    fieldOf: (collection, field) => find(collection)?.fields.find(({ name }) => name === field)?.title ?? field,
  };
}
