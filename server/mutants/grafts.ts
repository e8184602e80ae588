/**
 * Loads a part of the system a second time, with a mutant in it: the mutant's file and whatever stands on that, up to the
 * module that is asked for. All else stays as it was loaded: to load all of it is most of what a start costs.
 */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A file of the project, and its text as it is with a mutant in it. */
export type Graft = Readonly<{ id: string; file: string; text: string }>;
export type Grafts = Readonly<{
  /** @param module of the project, loaded before. @returns it as it is with that file */
  graft: <Module>(module: string, graft: Graft) => Promise<Module>;
}>;

/** From here on it is noted which module imports which: what a mutant is to change is loaded after this. @param root of the project */
export function noteImports(root: string): Grafts {
  const importers = new Map<string, Set<string>>();
  const planted = new Map<string, Graft & Readonly<{ changed: ReadonlySet<string> }>>();
  const urlOf = (path: string): string => pathToFileURL(join(root, path)).href;
  const plantedIn = (url: string | undefined) => planted.get(/\?mutant=(.+)$/.exec(url ?? '')?.[1] ?? '');
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const graft = plantedIn(context.parentURL);
      if (graft !== undefined)
        return graft.changed.has(resolved.url) ? { ...resolved, url: urlWith(resolved.url, graft) } : resolved;
      const known = importers.get(resolved.url) ?? new Set();
      importers.set(resolved.url, known.add(context.parentURL ?? ''));
      return resolved;
    },
    load(url, context, next) {
      const [loaded, graft] = [next(url, context), plantedIn(url)];
      return graft !== undefined && url === urlWith(urlOf(graft.file), graft)
        ? { ...loaded, source: graft.text }
        : loaded;
    },
  });
  return {
    graft: async <Module>(module: string, graft: Graft) => {
      const changed = standingOn(urlOf(graft.file), importers);
      if (!changed.has(urlOf(module))) throw new Error(`${graft.file} is no part of ${module}`);
      planted.set(graft.id, { ...graft, changed });
      return (await import(urlWith(urlOf(module), graft))) as Module;
    },
  };
}

/** @returns what a program that is started is given, to have that file too */
export const graftedStart = (root: string, { file, text }: Graft): readonly string[] => {
  const told = JSON.stringify([pathToFileURL(join(root, file)).href, text]);
  const program = `import { registerHooks } from 'node:module';
const [target, source] = ${told};
registerHooks({ load: (url, context, next) => ({ ...next(url, context), ...(url === target && { source }) }) });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(program)}`];
};

const urlWith = (url: string, { id }: Graft): string => `${url}?mutant=${id}`;

function standingOn(url: string, importers: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = new Set([url]);
  // a set grows while it is walked
  for (const each of found) for (const importer of importers.get(each) ?? []) found.add(importer);
  return found;
}
