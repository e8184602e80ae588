/** What stands alone begins as a sentence does. */
export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
