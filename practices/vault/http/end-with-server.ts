/** Long transfers must not keep a server from stopping: those still under way a while after it was told to are cut off. */
import type { HttpServer } from '#platform/http';

const GRACE_MS = 10_000;

/** @returns holds a transfer until the function it returns is called */
export function endWithServer(
  server: HttpServer,
  graceMs: number = GRACE_MS,
): (transfer: { destroy: () => unknown }) => () => void {
  const underWay = new Set<{ destroy: () => unknown }>();
  server.addHook('preClose', async () => {
    setTimeout(() => {
      for (const transfer of underWay) transfer.destroy();
    }, graceMs).unref();
  });
  return (transfer) => {
    underWay.add(transfer);
    return () => void underWay.delete(transfer);
  };
}
