/** How hard a mail of an exercise is to see through, by what gives it away. */
export const LEVELS = { least: 'easy to see through', moderate: 'moderate', very: 'hard to see through' } as const;
