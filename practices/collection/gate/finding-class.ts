/** How sensitive what was found in a text is: a note of class internal may not hold a card number. */
import { DATA_CLASSES, type DataClass } from '../catalog.ts';

/** By the detectors' type (detect/finding.ts); one that is not here is personal. */
const CLASSES: Readonly<Record<string, DataClass>> = {
  credential: 'sensitive',
  iban: 'sensitive',
  'payment-card': 'sensitive',
  'national-id': 'sensitive',
  passport: 'sensitive',
  'geo-position': 'sensitive',
  health: 'special',
  'special-category': 'special',
};

export const classOfFinding = (type: string): DataClass => CLASSES[type] ?? 'personal';

export const isAbove = (one: DataClass, ceiling: DataClass): boolean =>
  DATA_CLASSES.indexOf(one) > DATA_CLASSES.indexOf(ceiling);
