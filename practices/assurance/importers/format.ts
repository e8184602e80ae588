import type { Imported } from './imported.ts';

export type Beside = Readonly<{
  /** What was tested, where the report itself does not say it. */
  asset?: string;
}>;

/** One tool's report: text in, findings out. */
export type Format = Readonly<{
  /** Whose reports these are, in words. */
  says: string;
  /** Whether the text looks like one. Cheap: it sees the beginning, and JSON that is parsed already. */
  isIt: (opening: Opening) => boolean;
  /** @throws ASSURANCE_IMPORT_… */
  read: (text: string, beside: Beside) => readonly Imported[];
}>;

export type Opening = Readonly<{
  /** The first 4,096 characters. */
  start: string;
  /** The whole, where it is one JSON value. */
  json: unknown;
  /** The first line, where that is one JSON value. */
  firstLine: unknown;
  /** The name of the outermost element, where it is XML. */
  root: string | null;
}>;
