/** What routes of the LRS share: who asks, what they need, how they answer. */
import type { IncomingMessage } from 'node:http';

import type { Documents } from './documents.ts';
import type { OpenPart, PartSessions } from './sessions.ts';
import type { PartStatements } from './statements.ts';

export type LrsNeeds = Readonly<{
  sessions: Pick<PartSessions, 'ofAuth'>;
  statements: PartStatements;
  documents: Documents;
  /** Where a part leads its frame at its end. */
  returnUrl: string;
  now: () => Date;
}>;
export type LrsAnswer = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: Buffer | string }>;

export type Asked = Readonly<{ request: IncomingMessage; query: URLSearchParams; by: OpenPart }>;
export type Route = (asked: Asked, needs: LrsNeeds) => Promise<LrsAnswer>;

export const json = (value: unknown, headers: Record<string, string> = {}): LrsAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
export const NOTHING: LrsAnswer = { status: 204, headers: {}, body: '' };
