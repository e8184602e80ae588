/** The rows of practices/education.md: what it costs a decision that training is in it. */
import { gate } from './education/gate.ts';
import type { Row } from './row.ts';

export const educationRows: readonly Row[] = [gate];
