/** Hands a file to whoever looks at the page, as a download does. */
const KEPT_MS = 10_000;

export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // a browser may begin to read it later
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
