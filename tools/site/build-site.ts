/** Writes the site anew into a folder: pages, one stylesheet, and the pictures that there are. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { framed, type Picture } from './frame.ts';
import { readPages, type Page } from './pages.ts';
import { PICTURES } from './pictures.ts';
import { renderPage } from './render.ts';

export type Built = Readonly<{ pages: number; pictures: number; faults: readonly string[] }>;

/** @throws Error when the folder holds something that is no site */
export async function buildSite(root: string, out: string): Promise<Built> {
  const pages = await readPages(root);
  const bySource = new Map(pages.map((page) => [page.source, page]));
  const to = resolve(root, out);
  // what is emptied has to be ours: a site that was built before, or nothing
  if (existsSync(to) && (await readdir(to)).length > 0 && !existsSync(join(to, 'site.css')))
    throw new Error(`${out} holds something else, and would be emptied`);
  await rm(to, { recursive: true, force: true });
  await mkdir(join(to, 'pictures'), { recursive: true });
  await copyFile(new URL('site.css', import.meta.url), join(to, 'site.css'));

  const picturesOf = async (page: Page): Promise<Picture[]> => {
    const there: Picture[] = [];
    for (const [name, says] of PICTURES[page.source] ?? []) {
      const [light = '', dark = ''] = ['light', 'dark'].map((scheme) => `${name}-${scheme}.png`);
      const shot = (file: string): string => join(root, 'e2e/shots', file);
      if (!existsSync(shot(light))) continue;
      const both = existsSync(shot(dark));
      for (const file of both ? [light, dark] : [light]) await copyFile(shot(file), join(to, 'pictures', file));
      there.push({ light: `pictures/${light}`, dark: both ? `pictures/${dark}` : null, says });
    }
    return there;
  };

  const faults = Object.keys(PICTURES)
    .filter((source) => !bySource.has(source))
    .map((source) => `pictures are named for ${source}, which is no page`);
  let pictures = 0;
  for (const page of pages) {
    const rendered = renderPage(page, bySource);
    faults.push(...rendered.faults);
    const shown = await picturesOf(page);
    pictures += shown.length + rendered.images.length;
    for (const image of rendered.images) {
      if (existsSync(join(root, image))) await copyFile(join(root, image), join(to, 'pictures', basename(image)));
      else faults.push(`${page.source} shows ${image}, which is not there`);
    }
    await mkdir(dirname(join(to, page.file)), { recursive: true });
    await writeFile(join(to, page.file), framed(page, rendered, pages, shown));
  }
  return { pages: pages.length, pictures, faults };
}
