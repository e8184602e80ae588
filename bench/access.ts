/** The rows of practices/access.md: what a decision costs, remembered and not, and what remembering costs. */
import { cold } from './access/cold.ts';
import { decide } from './access/decide.ts';
import { memo } from './access/memo.ts';
import type { Row } from './row.ts';

export const accessRows: readonly Row[] = [decide, cold, memo];
