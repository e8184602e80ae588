/** What something was for, in the catalogue's words: a title in place of an id; of what the catalogue does not know, the id. */
import { useCatalog } from './session.ts';

export function usePurposes(): (id: string) => string {
  const catalog = useCatalog();
  const titles = new Map(catalog.data?.purposes.map(({ id, title }) => [id, title]));
  return (id) => titles.get(id) ?? id;
}
