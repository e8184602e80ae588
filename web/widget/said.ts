/** What the widget says of itself to the scripts of its page. */
export type Said = Readonly<{
  allowed: readonly string[];
  /** As the server gave it; null: there is none. */
  tcString: string | null;
  /** Null where no registered CMP is set. */
  cmp: Readonly<{ id: number; version: number }> | null;
  /** Whether all that is shared for advertising is served, or not all; null: nothing is. */
  ads: 'in' | 'out' | null;
  /** The browser's Global Privacy Control signal arrived. */
  gpc: boolean;
  /** The question is on the screen. */
  asking: boolean;
}>;
