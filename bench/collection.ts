/** The rows of practices/collection.md: how well and how fast personal data is detected in text and in columns. */
import { columns } from './collection/columns.ts';
import { text } from './collection/text.ts';
import type { Row } from './row.ts';

export const collectionRows: readonly Row[] = [text, columns];
