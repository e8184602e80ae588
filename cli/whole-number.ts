import { Usage } from './connection.ts';

/**
 * What somebody typed as a number, before anything is asked with it: `1e3`, `0x10`, `3.5` and nothing at all are none.
 *
 * @param most where it is left out, the server knows the limit
 * @throws Usage
 */
export function wholeNumber(name: string, text: string, least = 0, most?: number): number {
  const read = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(read >= least && read <= (most ?? Infinity)))
    throw new Usage(`${name} is a whole number${most === undefined ? '' : ` from ${least} to ${most}`}`);
  return read;
}
