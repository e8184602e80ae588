/** 900 → "900 B", 20_000 → "19.5 KiB", 3_000_000 → "2.9 MiB". */
export const sizeText = (bytes: number): string =>
  bytes < 2 ** 10 ? `${bytes} B` : bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`; // prettier-ignore
