/** The rows of practices/privacy.md: the center's pages under load, and a large copy as it streams. */
import { copy } from './privacy/copy.ts';
import { pages } from './privacy/pages.ts';
import type { Row } from './row.ts';

export const privacyRows: readonly Row[] = [pages, copy];
