/** What is kept of a scan: the report as the server takes it, and how it differs from the catalogue by what people decided. */
import type { KeptScan, ScanHandedIn } from '@strongroom/sdk';

import type { Binding, Drift, ScanReport } from './engine.ts';

export type KeptDrift = KeptScan['drifts'][number];

/** Names and reasons are cut to what is kept of them; of a column in which nothing was found its name is enough. */
export function handedIn(
  report: ScanReport,
  { as, table, binding }: Readonly<{ as: string | null; table: string | null; binding: Binding | null }>,
): ScanHandedIn {
  const { schema, kind, startedAt, seconds } = report;
  return {
    scope: table === null ? null : cut(table),
    binding:
      binding === null
        ? null
        : {
            table: binding.table,
            collection: binding.collection,
            columns: binding.columns === null ? null : Object.fromEntries(binding.columns),
            ignore: [...binding.ignore].map((each) => cut(each)),
          },
    report: {
      schema, kind, startedAt, seconds,
      source: cut(as ?? report.source),
      tables: report.tables.map(({ name, kind: of, rows, sampled, columns }) => ({
        name: cut(name), kind: of, rows, sampled, columns: columns.map(keptOf),
      })),
      missing: report.missing.map(({ name, because }) => ({ name: cut(name), because: cut(because, 500) })),
      warnings: report.warnings.slice(0, 500).map((says) => cut(says, 500)),
    } as ScanHandedIn['report'],
  }; // prettier-ignore
}

function keptOf(column: ScanReport['tables'][number]['columns'][number]) {
  const { name, sqlType, key, type, detail, level, confidence, prevalence, reasons, inText } = column;
  const found = type !== null || inText.length > 0;
  return {
    name: cut(name),
    sqlType: sqlType === null ? null : cut(sqlType, 100),
    key,
    type,
    detail: detail === null ? null : cut(detail, 200),
    class: column.class,
    level,
    confidence,
    prevalence: found ? prevalence : null,
    reasons: found ? reasons.slice(0, 20).map(({ says, adds }) => ({ says: cut(says), adds })) : [],
    inText: inText.slice(0, 20),
  };
}

const cut = (text: string, most = 300): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** As `--against` has them; what somebody ignored or resolved is none of `--fail-on`. */
export const openOnes = (drifts: readonly KeptDrift[]): Drift[] => drifts.filter(({ state }) => state === 'open');
