/** What was typed into a form's field; nothing for a field that is not there, or holds a file. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
};
