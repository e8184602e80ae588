/** One event as the rules see it: each field is read, and folded, once for all rules that ask. */
import type { TrafficEvent } from '../event.ts';
import { textOf, type Field, type FieldValue, type Scalar } from './field.ts';
import { fold } from './pattern.ts';

export type Slots = Readonly<{ slotOf: (field: Field) => number; fields: readonly Field[] }>;

export function createSlots(): Slots {
  const byPath = new Map<string, number>();
  const fields: Field[] = [];
  return {
    fields,
    slotOf: (field) => {
      const slot = byPath.get(field.path) ?? fields.push(field) - 1;
      byPath.set(field.path, slot);
      return slot;
    },
  };
}

const NONE: readonly Scalar[] = [];

export class View {
  readonly #fields: readonly Field[];
  readonly #values: (readonly Scalar[])[] = [];
  readonly #folded: (readonly string[])[] = [];
  readonly #valuesOf: number[] = [];
  readonly #foldedOf: number[] = [];
  #event: TrafficEvent | null = null;
  #turn = 0;

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  look(event: TrafficEvent): void {
    this.#event = event;
    this.#turn += 1;
  }

  /** Values of a field; none where it is not there or null. */
  values(slot: number): readonly Scalar[] {
    if (this.#valuesOf[slot] === this.#turn) return this.#values[slot] as readonly Scalar[];
    const values = listOf((this.#fields[slot] as Field).read(this.#event as TrafficEvent));
    this.#values[slot] = values;
    this.#valuesOf[slot] = this.#turn;
    return values;
  }

  /** Their texts, folded. */
  folded(slot: number): readonly string[] {
    if (this.#foldedOf[slot] === this.#turn) return this.#folded[slot] as readonly string[];
    const values = this.values(slot);
    const folded =
      values.length === 1 ? [fold(textOf(values[0] as Scalar))] : values.map((value) => fold(textOf(value)));
    this.#folded[slot] = folded;
    this.#foldedOf[slot] = this.#turn;
    return folded;
  }
}

function listOf(value: FieldValue): readonly Scalar[] {
  if (value === undefined || value === null) return NONE;
  if (typeof value !== 'object') return [value];
  return value.includes(null) || (value as readonly unknown[]).includes(undefined)
    ? value.filter((each) => each !== null && each !== undefined)
    : value;
}
