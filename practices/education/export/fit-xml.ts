/**
 * Texts as XML 1.0 takes them (§2.2): there are characters that it cannot hold at all, however they are written. What has a
 * meaning in it (`&`, `<`, `>`, quotes) is written by `html`, whose five references XML has too.
 */
const NO_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** @returns the text, with `U+FFFD` in the place of each character that XML has none for */
export const fitXml = (text: string): string => text.toWellFormed().replaceAll(NO_CHARACTER, '\ufffd');
