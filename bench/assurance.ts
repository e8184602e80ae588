/** The rows of practices/assurance.md: what it costs who works that the system is tried out meanwhile. */
import { runCost } from './assurance/run-cost.ts';
import type { Row } from './row.ts';

export const assuranceRows: readonly Row[] = [runCost];
