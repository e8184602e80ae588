/**
 * Failures: a code, a sentence, a hint (STYLE.md §6).
 *
 * A practice declares its table once, in `failures.ts`; everything that goes wrong on purpose is thrown from it, and
 * `platform/http` turns it into an RFC 9457 problem document. Messages carry ids and sizes, never a customer's value.
 */

export type FailureSpec = Readonly<{
  /** HTTP status the failure is answered with. */
  status: number;
  /** What was wrong, one sentence, no customer's value. */
  says: string;
  /** What to do about it. */
  hint: string;
}>;

export type FailureMore = Readonly<{
  /** Replaces `says`: the same fault, said about this very case. Ids, names of fields and sizes only. */
  detail?: string;
  /** Replaces `hint` where the case allows better advice. */
  hint?: string;
  cause?: unknown;
  /** Extension members of the problem document (RFC 9457 §3.2). */
  extra?: Readonly<Record<string, unknown>>;
}>;

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;
  readonly status: number;
  readonly hint: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: string, spec: FailureSpec, more: FailureMore = {}) {
    super(more.detail ?? spec.says, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.status = spec.status;
    this.hint = more.hint ?? spec.hint;
    this.extra = more.extra ?? {};
  }
}

export type FailureTable<T extends Readonly<Record<string, FailureSpec>>> = {
  (code: keyof T & string, more?: FailureMore): Failure;
  readonly prefix: string;
  readonly table: T;
};

/**
 * Declares the failures of one practice or platform part.
 * @param prefix upper case, one word; the code becomes `PREFIX_KEY`
 */
export function failures<const T extends Readonly<Record<string, FailureSpec>>>(
  prefix: string,
  table: T,
): FailureTable<T> {
  const make = (code: keyof T & string, more?: FailureMore): Failure =>
    new Failure(`${prefix}_${code}`, table[code] as FailureSpec, more);
  return Object.assign(make, { prefix, table });
}

export function isFailure(thrown: unknown, code?: string): thrown is Failure {
  return thrown instanceof Failure && (code === undefined || thrown.code === code);
}
