/** Closing what a start has opened. */
export type Closer = () => Promise<unknown>;

/** The last opened first; one that fails keeps none of the others open. */
export async function closeAll(opened: Closer[]): Promise<void> {
  const faults: unknown[] = [];
  for (const close of opened.splice(0).toReversed()) await close().catch((thrown: unknown) => faults.push(thrown));
  if (faults.length > 0) throw faults[0];
}
