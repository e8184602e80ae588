/** From what a request costs to what a system needs: cores, servers, connections, disks. Nothing but arithmetic. */
import type { Costs, Kind } from './costs.ts';

/** What customers and those who serve them do. Each figure is an assumption: set your own. */
export type Traffic = Readonly<{
  /** Of each customer on a day. */
  readsPerDay: number;
  searchesPerDay: number;
  writesPerDay: number;
  /** Batches of a hundred, of all requests for single records. */
  batchShare: number;
  /** Of the busiest second over the mean of the day. */
  peak: number;
}>;

export const USUAL: Traffic = {
  readsPerDay: 0.5,
  searchesPerDay: 0.05,
  writesPerDay: 0.05,
  batchShare: 0.001,
  peak: 5,
};

export type Shape = Readonly<{
  /** Cores of one server process that requests may use: JavaScript runs on one, and cryptography beside it on some of another. */
  coresPerServer: number;
  /** Most of a core that is planned with, so that waiting stays short. */
  most: number;
  /** STRONGROOM_DATABASE_CONNECTIONS of each server. */
  connectionsPerServer: number;
  /** Days that entries of the log lie in the database. */
  logDays: number;
}>;

export const SHAPE: Shape = { coresPerServer: 1, most: 0.6, connectionsPerServer: 20, logDays: 365 };

export type Need = Readonly<{
  subjects: number;
  /** In the busiest second. */
  rate: Readonly<Record<Kind, number>>;
  serverCores: number;
  servers: number;
  databaseCores: number;
  connections: number;
  logEntriesPerSecond: number;
  vaultBytes: number;
  logBytes: number;
  walBytesPerSecond: number;
}>;

const DAY_SECONDS = 86_400;

export function needsOf(subjects: number, costs: Costs, traffic: Traffic = USUAL, shape: Shape = SHAPE): Need {
  const perSecond = (perDay: number): number => ((subjects * perDay) / DAY_SECONDS) * traffic.peak;
  const rate: Need['rate'] = {
    read: perSecond(traffic.readsPerDay) * (1 - traffic.batchShare),
    batch: perSecond(traffic.readsPerDay) * traffic.batchShare,
    search: perSecond(traffic.searchesPerDay),
    write: perSecond(traffic.writesPerDay),
  };
  const total = (of: 'serverMs' | 'databaseMs' | 'walBytes'): number =>
    (Object.keys(rate) as Kind[]).reduce((sum, kind) => sum + rate[kind] * costs.cost[kind][of], 0);
  const [serverBusy, databaseBusy] = [total('serverMs') / 1000, total('databaseMs') / 1000];
  const eachHas = shape.coresPerServer * shape.most - costs.idle.server;
  // one may always be away: stopped, upgraded, lost
  const servers = Math.max(2, Math.ceil(serverBusy / eachHas) + 1);
  const entries = Object.values(rate).reduce((sum, one) => sum + one, 0);
  return {
    subjects,
    rate,
    serverCores: serverBusy + servers * costs.idle.server,
    servers,
    databaseCores: databaseBusy / shape.most + costs.idle.database,
    connections: servers * shape.connectionsPerServer,
    logEntriesPerSecond: entries,
    vaultBytes: subjects * costs.bytes.subject,
    logBytes: (entries / traffic.peak) * DAY_SECONDS * shape.logDays * costs.bytes.logEntry,
    walBytesPerSecond: total('walBytes'),
  };
}

/** What the model says this very machine should do, with the load's own part: compared with what it did. */
export const predictedReads = (costs: Costs): number => {
  const { serverMs, databaseMs } = costs.cost.read;
  // the server's thread is the narrow place, or all cores together are
  return Math.min(1000 / serverMs, (costs.machine.cores * 1000) / (serverMs + databaseMs));
};
