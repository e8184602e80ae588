/** How tcpdump is called, and what it says of itself (tcpdump(1)). */
import type { WireNeeds } from './capture-wire.ts';

/** Of Linux: 15 characters. A name that begins with a dash would be an option. */
const INTERFACE = /^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,14}$/;

/** What TLS hellos and DNS messages fit into. */
const SNAP_BYTES = 4096;

export function tcpdumpArguments(needs: WireNeeds): string[] {
  const { interface: name, filter, user = 'tcpdump', snapBytes = SNAP_BYTES, delivery = 'throughput' } = needs;
  if (!INTERFACE.test(name)) throw new Error('an interface has 1 to 15 letters, digits and _ . : @ -');
  return [
    // packets to stdout, each as soon as it is there; names are not looked up
    ...['-i', name, '-w', '-', '-U', '-n', '-s', String(snapBytes)],
    ...(delivery === 'immediate' ? ['--immediate-mode'] : []),
    ...(user === null ? [] : ['-Z', user]),
    // behind this nothing is an option
    '--',
    ...(filter === undefined || filter.trim() === '' ? [] : [filter]),
  ];
}

/** The last count in its words; null: it has not said one. */
export function droppedByKernel(stderr: string): number | null {
  const end = stderr.lastIndexOf(' dropped by kernel');
  if (end < 0) return null;
  const count = /(\d{1,15}) packets?$/.exec(stderr.slice(Math.max(0, end - 40), end))?.[1];
  return count === undefined ? null : Number(count);
}
